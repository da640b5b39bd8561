"""Adapter versions: only adapters inside, the base as parent, and together again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from memory_federation import Federation, published_by
from peft import LoraConfig

from registry.documents.manifest import Manifest
from registry.errors import ConfigError
from trainer.fine_tuning import (
    ADAPTER_PATTERNS,
    BaseReference,
    adapter_training,
    first_adapter_version,
    load_adapted,
    trained_state,
)
from trainer.fine_tuning.adapter_document import AdapterDocument
from trainer.fine_tuning.adapter_versions import read_adapter
from trainer.plan.training_plan import LocalPlan
from trainer.vectors.safetensors_files import load_safetensors, save_safetensors

BASE = BaseReference(b"\x11" * 32, b"\x22" * 32)


@pytest.fixture
def document(lora: LoraConfig) -> AdapterDocument:
    """Two classes."""
    return AdapterDocument.of(lora, ("peace", "war"))


@pytest.fixture
def first(tmp_path: Path, classifier: Any, document: AdapterDocument, base_folder: Path) -> Path:
    """The first adapter version's folder."""
    folder = tmp_path / "adapter"
    first_adapter_version(folder, classifier(), document, base_folder, BASE)
    return folder


def test_m5_the_base_is_the_parent_and_only_adapters_are_inside(
    first: Path, classifier: Any, base_folder: Path
) -> None:
    manifest = Manifest.parse((first / "manifest.json").read_bytes())
    manifest.verify_folder(first)
    assert manifest.parents == (BASE.version_id,)
    assert manifest.metadata["baseVersion"] == "0x" + "11" * 32
    assert manifest.metadata["baseContent"] == "0x" + "22" * 32
    assert sorted(manifest.files) == ["adapter.json", "model.safetensors"]
    assert set(load_safetensors(first / "model.safetensors")) == set(trained_state(classifier()))


def test_base_and_adapters_are_put_together_again(
    first: Path, classifier: Any, base_folder: Path, lines: Any
) -> None:
    module = classifier()
    trained = adapter_training(module, lines(1))(trained_state(module), LocalPlan(2, 8))
    save_safetensors(trained.state, first / "model.safetensors")
    found = load_adapted(base_folder, first)
    assert not found.training
    with torch.no_grad():
        tokens = lines(2).tensors[0]
        assert torch.equal(found(tokens), module.eval()(tokens))


def test_another_base_is_refused(first: Path, base_folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(base_folder, tmp_path / "other"))
    state = load_safetensors(other / "model.safetensors")
    state["pooler.dense.bias"] += 1
    save_safetensors(state, other / "model.safetensors")
    with pytest.raises(ConfigError, match=r"expected weights of SHA-256 .* fetch version 0x1111"):
        load_adapted(other, first)
    with pytest.raises(ConfigError, match="expected an adapter version"):
        load_adapted(base_folder, base_folder)


def test_labels_and_references_that_do_not_fit_are_refused(
    tmp_path: Path, classifier: Any, document: AdapterDocument, base_folder: Path
) -> None:
    three = replace(document, labels=("a", "b", "c"))
    with pytest.raises(ConfigError, match="adapter: expected 2 labels, got 3"):
        first_adapter_version(tmp_path / "a", classifier(), three, base_folder, BASE)
    with pytest.raises(ConfigError, match="expected version_id to be 32 bytes"):
        BaseReference(b"", bytes(32))


def test_a_document_survives_its_text(document: AdapterDocument, first: Path) -> None:
    assert AdapterDocument.parse(document.to_json()) == document == read_adapter(first)
    again = document.config()
    assert AdapterDocument.of(again, document.labels) == document


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rank": 0}, "expected rank from 1 to 1024, got 0"),
        ({"alpha": True}, "expected alpha from 1 to 1000000, got True"),
        ({"dropout": "1"}, "expected a dropout such as '0.1', got '1'"),
        ({"targets": ()}, "expected 1 or more distinct names"),
        ({"targets": ("value", "query")}, "expected targets in order"),
        ({"labels": ("a", "a")}, "expected 2 or more distinct names"),
    ],
)
def test_documents_out_of_range_are_refused(
    document: AdapterDocument, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        replace(document, **changes)


def test_what_can_t_be_published_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"\['use_rslora'\] can't be published"):
        AdapterDocument.of(LoraConfig(r=2, target_modules=["query"], use_rslora=True), ("a", "b"))
    with pytest.raises(ConfigError, match="expected layers by name, got 'all-linear'"):
        AdapterDocument.of(LoraConfig(r=2, target_modules="all-linear"), ("a", "b"))
    with pytest.raises(ConfigError, match="expected format tallystick/adapter/1"):
        AdapterDocument.parse(
            b'{"alpha":1,"dropout":"0","format":"x","labels":[],"rank":1,"targets":[]}'
        )


def test_a_round_trains_adapters_and_keeps_what_names_the_base(
    federation: Federation, first: Path, classifier: Any, base_folder: Path, lines: Any
) -> None:
    digest = federation.blobs.put_folder(first)
    federation.model_id = federation.ledger.register(federation.owner.address, "adapter", digest)
    federation.document = replace(
        federation.document,
        parameters=ADAPTER_PATTERNS,
        plan=LocalPlan(4, 8, "adam", "0.02", 3),
    )
    terms = federation.terms(document_digest=federation.document.digest)
    people = [federation.participant(i, adapter_training(classifier(), lines(i))) for i in range(3)]
    result = federation.round(people, terms=terms)
    folder = federation.work / "fetched"
    federation.blobs.get_folder(published_by(result).content_digest, folder, 1 << 20)
    manifest = Manifest.parse((folder / "manifest.json").read_bytes())
    assert manifest.metadata["baseVersion"] == "0x" + "11" * 32
    assert manifest.round_id is not None
    tokens, labels = lines(9, 60).tensors
    with torch.no_grad():
        right = [
            float((load_adapted(base_folder, at)(tokens).argmax(1) == labels).double().mean())
            for at in (first, folder)
        ]
    assert right[1] > right[0]
