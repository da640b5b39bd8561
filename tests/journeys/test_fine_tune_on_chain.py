"""Journey: adapters are trained on the chain; the audit replays them, and their base is reached."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from peft import LoraConfig
from tests_roles import OWNER
from torch.utils.data import TensorDataset

from registry.audit import audit, lineage
from trainer.adapters.replay import Replay
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version
from trainer.fine_tuning import (
    AdaptedClassifier,
    BaseReference,
    adapted,
    adapter_training,
    first_adapter_version,
    load_adapted,
    read_base,
)
from trainer.fine_tuning.adapter_document import AdapterDocument
from trainer.fine_tuning.libraries import library
from trainer.plan.training_plan import LocalPlan
from trainer.vectors.torch_modules import state_of

BASE = "tiny-base"
LORA = LoraConfig(r=2, lora_alpha=4, target_modules=["query", "value"])
CONFIG = {
    "model_type": "bert",
    "vocab_size": 30,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 8,
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A tiny transformer's folder."""
    folder = tmp_path / "base"
    folder.mkdir()
    transformers = library("transformers")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        module = transformers.AutoModel.from_config(transformers.AutoConfig.for_model(**CONFIG))
    (folder / "config.json").write_text(json.dumps(CONFIG))
    first_version(folder, state_of(module), architecture="tiny-bert")
    return folder


def classifier(base: Path) -> AdaptedClassifier:
    """The base with untrained adapters and a head of two classes."""
    return adapted(read_base(base), LORA, 2, seed=1)


def lines(seed: int) -> TensorDataset:
    """Lines of token numbers; class 1 has larger ones."""
    tokens = torch.randint(1, 15, (24, 5), generator=torch.Generator().manual_seed(seed))
    labels = torch.arange(24) % 2
    return TensorDataset(tokens + 14 * labels[:, None], labels)


def test_adapters_of_a_published_base_are_trained_replayed_and_fetched(
    place: ChainScenario, base: Path
) -> None:
    federation = ChainFederation(
        place, OWNER, document=TermsDocument(plan=LocalPlan(4, 8, "adam", "0.02", 3))
    )
    federation.place.fund(*federation.people, ether=10)
    owner = federation.client
    published = owner.publish(base, BASE)
    first = place.work / "adapters"
    reference = BaseReference(published.version_id, published.content.digest)
    document = AdapterDocument.of(LORA, ("low", "high"))
    first_adapter_version(first, classifier(base), document, base, reference)
    owner.publish(first, MODEL)

    people = [
        federation.participant(i, training=adapter_training(classifier(base), lines(i)))
        for i in range(federation.seats)
    ]
    result = federation.round(people)
    assert result.version is not None

    reader = place.client()
    report = audit(reader.connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])
    ancestors = lineage(reader.state(), reader.version(MODEL))
    assert [a.version.number for a in ancestors] == [2, 1, 1]
    assert ancestors[-1].version.version_id == published.version_id
    fetched, fetched_base = place.work / "fetched", place.work / "fetched-base"
    reader.fetch(f"{MODEL}:2", fetched)
    reader.fetch(BASE, fetched_base)
    shutil.rmtree(base)
    trained = load_adapted(fetched_base, fetched)
    tokens, labels = lines(9).tensors
    with torch.no_grad():
        assert bool((trained(tokens).argmax(1) == labels).double().mean() > 0.8)
