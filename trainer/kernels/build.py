"""Compiles the kernels with the machine's own C compiler: `python -m trainer.kernels.build`.

Where there is no compiler, or the folder can't be written, NumPy does the same work.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from trainer.kernels.library import SOURCES, library_path

__all__ = ["compile_kernels"]

_TUNED = ("-march=native",)
# A product and a sum are two roundings: never one, as a fused instruction would have it.
_EXACT = ("-ffp-contract=off",)
_FLAGS = ("-O3", "-std=c11", "-fPIC", "-shared", "-Wall", "-Wextra", *_EXACT)


def compile_kernels() -> Path | None:
    """Compiles the kernels unless they are; returns the library, or None without a compiler.

    Raises:
        subprocess.CalledProcessError: the compiler refuses the sources.
        OSError: the folder can't be written.
    """
    path = library_path()
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if path.is_file() or compiler is None:
        return path if path.is_file() else None
    partial = path.with_suffix(f".{os.getpid()}.partial")
    sources = [str(path) for path in SOURCES if path.suffix == ".c"]
    for tuned in (_TUNED, ()):  # not every compiler knows the machine it runs on
        command = [compiler, *_FLAGS, *tuned, "-o", str(partial), *sources]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            # Whole or not at all: another process may load it at this moment.
            partial.replace(path)
            for other in path.parent.glob("kernels-*.library"):
                if other != path:  # of sources that were changed since
                    other.unlink()
            return path
    raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)


def main() -> int:
    """Compiles and says what came of it; the portable kernels do where that fails."""
    try:
        path = compile_kernels()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"kernels: portable, because compiling failed: {error}", file=sys.stderr)
        return 0
    print("kernels: " + ("portable, for there is no C compiler" if path is None else path.name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
