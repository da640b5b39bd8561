"""An example of each command that the trainer adds, shown at the end of its help."""

from __future__ import annotations

__all__ = ["EXAMPLES"]

EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("--rounds 3 --report demo.html",),
    "train check": ("lantern --client ./hospital.py:Hospital --data ./scans",),
    "train coordinate": (
        "lantern --num-rounds 3 --min-fit-clients 2",
        "lantern --strategy fedavgm --aggregator median --budget 1000000",
    ),
    "train evaluate": ("lantern 2 --out signed.json",),
    "train example": ("./digits",),
    "train gossip": ("lantern --client ./hospital.py:Hospital --data ./scans --peers peers.json",),
    "train join": ("lantern --client ./hospital.py:Hospital --data ./scans --num-rounds 3",),
    "train pay": ("lantern",),
    "train probe": ("lantern --client ./hospital.py:Hospital --data ./scans",),
    "train report": ("lantern --round 2",),
    "watch": ("lantern --once",),
}
"""What follows a command's words in its examples, by these words."""
