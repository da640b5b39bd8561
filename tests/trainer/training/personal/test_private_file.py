"""What is one's own stays one's own: the mode, the form, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from registry.errors import ConfigError
from trainer.training.personal.private_file import PrivateFile

STATE = {"head.weight": torch.tensor([[1.0, 2.0]]), "head.bias": torch.tensor([3.0])}


def test_what_was_kept_is_read_again_and_by_nobody_else(tmp_path: Path) -> None:
    file = PrivateFile(tmp_path / "own" / "head.safetensors")
    assert file.read(STATE) is None
    for value in (1.0, 2.0):
        file.write({name: t * value for name, t in STATE.items()})
        found = file.read(STATE)
        assert found is not None
        assert all(torch.equal(found[name], STATE[name] * value) for name in STATE)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in file.path.parent.iterdir()] == ["head.safetensors"]


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = PrivateFile(tmp_path / "head.safetensors")
    file.write(STATE)
    file.path.chmod(0o640)
    with pytest.raises(ConfigError, match="expected mode 600, got 640; run chmod 600"):
        file.read(STATE)


def test_a_file_of_another_model_is_refused(tmp_path: Path) -> None:
    file = PrivateFile(tmp_path / "head.safetensors")
    file.write(STATE)
    with pytest.raises(ConfigError, match=r"another model, 'head\.bias' differs"):
        file.read({"head.weight": STATE["head.weight"]})
    with pytest.raises(ConfigError, match="another model"):
        file.read({**STATE, "head.bias": torch.zeros(2)})


def test_a_link_is_refused(tmp_path: Path) -> None:
    PrivateFile(tmp_path / "head.safetensors").write(STATE)
    (tmp_path / "link").symlink_to(tmp_path / "head.safetensors")
    with pytest.raises(ConfigError, match="expected a safetensors file"):
        PrivateFile(tmp_path / "link").read(STATE)
