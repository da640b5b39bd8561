"""What a round costs by its number of participants: CPU, bytes, calls, gas.

Run from the repository's root: `python benchmarks/bench_scale.py [--participants 30 100 …]
[--gas 30 100 …] [--out benchmarks/results/scale.md]`. Everybody is in one process and hands in to a
mailbox; updates are tiny, so what is measured is the round and not the training. The board is the
one in memory; gas is measured on a fresh Anvil, in batches of at most 800.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scale.crowd import Crowd, Measured
from scale.gas import gas_of

HEAD = (
    "| participants | accepted | CPU, ms each | result, bytes each | batches | board calls each | "
    "storage calls each | gas each |\n| --: | --: | --: | --: | --: | --: | --: | --: |"
)


def measured(count: int) -> Measured:
    """Returns what a round of so many took."""
    with tempfile.TemporaryDirectory() as work:
        return Crowd(Path(work), count).run()


def row(m: Measured, gas: int | None) -> str:
    """Returns a line of the table."""
    n = m.participants
    each = f"{1000 * m.seconds / n:.1f} | {m.document / n:.0f} | {m.batches} | {m.board / n:.2f}"
    shown = "" if gas is None else f"{gas / n:,.0f}"
    return f"| {n:,} | {m.accepted:,} | {each} | {m.blobs / n:.2f} | {shown} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", type=int, nargs="+", default=[30, 100, 300, 1000, 10000])
    parser.add_argument("--gas", type=int, nargs="*", default=[30, 100, 300, 1000])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--smoke", action="store_true", help="few participants, no chain")
    options = parser.parse_args()
    if options.smoke:
        options.participants, options.gas = [10, 20, 40], []
    gas = gas_of(options.gas) if options.gas else {}
    lines = [HEAD]
    print(HEAD)
    for count in options.participants:
        lines.append(row(measured(count), gas.get(count)))
        print(lines[-1], flush=True)
    if options.out:
        options.out.write_text(
            "# A round by its number of participants\n\n"
            + __doc__.split("\n\n")[1]
            + "\n\n"
            + "\n".join(lines)
            + "\n"
        )


if __name__ == "__main__":
    main()
