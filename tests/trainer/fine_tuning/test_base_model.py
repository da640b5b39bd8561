"""A base is read from its folder: by configuration and safetensors, without code or network."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
import torch

from registry.errors import AggregationError, ConfigError
from trainer.fine_tuning import read_base, tokenised
from trainer.fine_tuning.libraries import library
from trainer.vectors.safetensors_files import load_safetensors, save_safetensors


@pytest.fixture
def copied(base_folder: Path, tmp_path: Path) -> Path:
    """A copy of the base that a test may change."""
    return Path(shutil.copytree(base_folder, tmp_path / "base"))


def configured(folder: Path, **changes: Any) -> None:
    """Changes the configuration."""
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_the_weights_are_the_file_s_and_frozen(base_folder: Path) -> None:
    module = read_base(base_folder)
    found = load_safetensors(base_folder / "model.safetensors")
    assert set(found) == set(module.state_dict())
    assert all(torch.equal(t, found[n]) for n, t in module.state_dict().items())
    assert not any(p.requires_grad for p in module.parameters())
    assert not module.training


def test_reading_leaves_the_random_numbers_and_the_network_alone(
    base_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("nothing may be fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    before = torch.get_rng_state()
    read_base(base_folder)
    assert torch.equal(torch.get_rng_state(), before)


def test_counting_numbers_of_older_checkpoints_are_left_out(copied: Path) -> None:
    state = load_safetensors(copied / "model.safetensors")
    state["embeddings.position_ids"] = torch.arange(16).reshape(1, 16)
    save_safetensors(state, copied / "model.safetensors")
    assert "embeddings.position_ids" not in read_base(copied).state_dict()


def test_t26_a_base_with_code_or_of_an_unknown_kind_is_refused(copied: Path) -> None:
    configured(copied, auto_map={"AutoModel": "evil.Model"})
    with pytest.raises(ConfigError, match="expected no code of its own, got auto_map"):
        read_base(copied)
    (copied / "config.json").write_text('{"model_type": "nothing-like-it"}')
    with pytest.raises(ConfigError, match="expected a known model"):
        read_base(copied)
    (copied / "config.json").write_text("[]")
    with pytest.raises(ConfigError, match="expected a model_type, such as bert"):
        read_base(copied)
    (copied / "config.json").write_text("{")
    with pytest.raises(ConfigError, match="expected JSON, got"):
        read_base(copied)
    (copied / "config.json").unlink()
    with pytest.raises(ConfigError, match="a transformer's configuration of at most 1 MiB"):
        read_base(copied)


def test_t28_weights_of_another_model_are_refused(copied: Path) -> None:
    state = load_safetensors(copied / "model.safetensors")
    lost = {n: t for n, t in state.items() if n != "pooler.dense.bias"}
    save_safetensors(lost, copied / "model.safetensors")
    with pytest.raises(AggregationError, match=r"missing tensor 'pooler\.dense\.bias'"):
        read_base(copied)
    save_safetensors({**state, "extra": torch.zeros(1)}, copied / "model.safetensors")
    with pytest.raises(AggregationError, match="unknown tensor 'extra'"):
        read_base(copied)


def test_texts_become_token_numbers_of_one_length(base_folder: Path) -> None:
    found = tokenised(base_folder, ["the rose", "war the sword love rose the"], 5)
    assert found.tolist() == [[2, 6, 7, 3, 0], [2, 5, 6, 8, 3]]


def test_texts_without_a_tokenizer_are_refused(base_folder: Path, copied: Path) -> None:
    with pytest.raises(ConfigError, match="a length of at least 2 tokens, got 1"):
        tokenised(base_folder, ["the"], 1)
    (copied / "tokenizer.json").write_text("{}")
    with pytest.raises(ConfigError, match="expected a tokenizer, got"):
        tokenised(copied, ["the"], 4)
    (copied / "tokenizer.json").unlink()
    with pytest.raises(ConfigError, match="the base model's tokenizer; fetch the base whole"):
        tokenised(copied, ["the"], 4)


def test_a_library_that_is_missing_is_named_with_its_remedy() -> None:
    with pytest.raises(ConfigError, match=r"run pip install 'tallystick\[fine-tuning\]'"):
        library("tallystick_has_no_such_library")
