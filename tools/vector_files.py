"""Writes the files of shared vectors, or with `--check` tells which of them are stale.

Used by the tools that make them (`write_*_vectors.py`), each of which says what goes into a file.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "vectors"


def kept(files: Mapping[str, Mapping[str, Any]]) -> int:
    """Writes files whose text changed; with `--check`, changes nothing.

    Args:
        files: what stands in each, by its name without the ending.

    Returns:
        The exit code: 1 if a file is stale that isn't to be written.
    """
    stale = []
    for name, content in files.items():
        path, text = FOLDER / f"{name}.json", json.dumps(content, indent=1) + "\n"
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.write_text(text)
    if stale and "--check" in sys.argv:
        print(f"stale: {', '.join(stale)}; run {Path(sys.argv[0]).name}")
        return 1
    print(f"written: {', '.join(stale)}" if stale else "the vectors are fresh")
    return 0
