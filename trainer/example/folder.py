"""Writes what a first federation begins with: a model, training code, and three owners' data."""

from __future__ import annotations

import shutil
from pathlib import Path

from registry.errors import ConfigError
from trainer.data import load_digits
from trainer.documents.version_folders import first_version
from trainer.models import SmallCnn
from trainer.vectors.safetensors_files import save_safetensors
from trainer.vectors.torch_modules import state_of

__all__ = ["OWNERS", "write_example"]

OWNERS = {"north": (0, 400), "south": (400, 1_000), "east": (1_000, 1_400)}
"""Which of the shipped digits each data owner has; the remainder is for validation."""
_VALIDATION = (1_400, 1_797)
_CARD = """# Digits

A small convolutional network for handwritten digits, untrained. `tally train example` wrote it,
to try a federation with.
"""


def write_example(folder: Path) -> list[Path]:
    """Writes a first version, a class that trains it, each owner's data and a validation set.

    Args:
        folder: made if it isn't there.

    Returns:
        What was written.

    Raises:
        ConfigError: something of the same name is there already, or no folder can be made.
    """
    written = [folder / "model", folder / "hospital.py"]
    written += [folder / "data" / f"{name}.safetensors" for name in OWNERS]
    written.append(folder / "validation.safetensors")
    for path in (*written, folder / "data"):
        if path.exists():
            raise ConfigError(f"{path} is there already; name another folder, or move it away")
    try:
        for inside in ("model", "data"):
            (folder / inside).mkdir(parents=True)
    except OSError as error:
        raise ConfigError(f"{folder}: no folder can be made there: {error.strerror}") from error
    (folder / "model" / "README.md").write_text(_CARD)
    first_version(folder / "model", state_of(SmallCnn()), architecture="small-cnn")
    shutil.copyfile(Path(__file__).with_name("hospital.py"), folder / "hospital.py")
    for path, (start, stop) in zip(written[2:], [*OWNERS.values(), _VALIDATION], strict=True):
        inputs, labels = load_digits(start, stop).tensors
        save_safetensors({"inputs": inputs, "labels": labels}, path)
    return written
