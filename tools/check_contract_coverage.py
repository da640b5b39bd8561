"""Fails below 98 % of the contracts' lines or branches; reads the file given as argument.

The file is what `forge coverage --report lcov` writes; what isn't covered is named, a line each.
"""

from __future__ import annotations

import sys
from pathlib import Path

_LEAST = 98.0


def main() -> int:
    """Prints what is missing and the sums; returns 1 below the limit."""
    taken = {"BRDA": [0, 0], "DA": [0, 0]}
    source, missing = "", []
    for line in Path(sys.argv[1]).read_text().splitlines():
        kind, _, rest = line.partition(":")
        if kind == "SF":
            source = rest
        elif kind in taken:
            words = rest.split(",")
            hit = words[-1 if kind == "BRDA" else 1] not in ("-", "0")
            taken[kind][0] += hit
            taken[kind][1] += 1
            if not hit:
                missing.append(f"{source}:{words[0]} {'branch' if kind == 'BRDA' else 'line'}")
    print("\n".join(missing))
    shares = {kind: 100 * hit / max(total, 1) for kind, (hit, total) in taken.items()}
    print(f"lines {shares['DA']:.2f} %, branches {shares['BRDA']:.2f} %, at least {_LEAST} %")
    return int(min(shares.values()) < _LEAST)


if __name__ == "__main__":
    sys.exit(main())
