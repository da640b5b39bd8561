"""Counts rooms, arrows between them and floors, and names circles: `python tools/count_rooms.py`.

A room is a package, or a module beside the packages, directly below `trainer` or `registry`; an
arrow stands for any number of imports from one room into another; its floor is one above the
highest that it imports. `lint-imports` holds the floors; this tells how many there are.
"""

from __future__ import annotations

import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent


def arrows(package: str) -> dict[str, set[str]]:
    """Returns which rooms each room of a package imports."""
    graph = grimp.build_graph("trainer", "registry", cache_dir=None)

    def room(module: str) -> str:
        return ".".join(module.split(".")[:2])

    inside = [m for m in graph.modules if m.startswith(package + ".")]
    found: dict[str, set[str]] = {room(module): set() for module in inside}
    for module in inside:
        for imported in graph.find_modules_directly_imported_by(module):
            if imported.startswith(package + ".") and room(imported) != room(module):
                found[room(module)].add(room(imported))
    return found


def floors(rooms: dict[str, set[str]]) -> int | str:
    """Returns how many floors there are, or which rooms go in a circle."""
    level: dict[str, int] = {}
    try:
        for room in TopologicalSorter(rooms).static_order():
            level[room] = 1 + max((level[below] for below in rooms[room]), default=0)
    except CycleError as error:
        return "a circle: " + " → ".join(error.args[1])
    return max(level.values())


def main() -> int:
    """Prints one line for each package."""
    sys.path.insert(0, str(ROOT))
    for package in ("trainer", "registry"):
        rooms = arrows(package)
        count = sum(map(len, rooms.values()))
        print(f"{package}: {len(rooms)} rooms, {count} arrows, floors: {floors(rooms)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
