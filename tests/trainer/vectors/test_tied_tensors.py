"""Tied tensors are one tensor: trained once, written consistently, always loadable (L-8)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from memory_federation import Federation
from torch import nn
from torch.utils.data import TensorDataset

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version, read_version
from trainer.execution.execute import layout_of
from trainer.execution.version_roots import weights_of
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import module_training
from trainer.transforms import TransformTerms
from trainer.vectors.layout import Layout
from trainer.vectors.server_step import apply_step
from trainer.vectors.torch_modules import load_into, state_of, ties_of

PLAN = LocalPlan(1, 8, "sgd", "0.5", 3)
TEXT = (Path(__file__).parents[3] / "LICENSE").read_text().lower()
CHARACTERS = sorted(set(TEXT))
TRANSFORMS = {
    "top_k": (TransformTerms("error_feedback"), TransformTerms("top_k", {"fraction": "0.1"})),
    "quantize": (TransformTerms("quantize", {"levels": "3"}),),
    "noise": (
        TransformTerms("clip", {"norm": "1"}),
        TransformTerms("noise", {"deviation": "0.01"}),
    ),
}


class NextCharacter(nn.Module):
    """Says the next character from the two before; input and output share their embedding."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(7)
        self.embedding = nn.Embedding(len(CHARACTERS), 8)
        self.hidden = nn.Linear(16, 8)
        self.head = nn.Linear(8, len(CHARACTERS), bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, pairs: torch.Tensor) -> torch.Tensor:
        """Logits of shape (batch, characters)."""
        found: torch.Tensor = self.head(torch.tanh(self.hidden(self.embedding(pairs).flatten(1))))
        return found


def text_of(place: int) -> TensorDataset:
    """A part of a real text, as pairs of characters and the one that follows."""
    numbers = [CHARACTERS.index(c) for c in TEXT[place * 200 : place * 200 + 160]]
    pairs = torch.tensor([numbers[i : i + 2] for i in range(len(numbers) - 2)])
    return TensorDataset(pairs, torch.tensor(numbers[2:]))


@pytest.fixture
def tied(federation: Federation) -> Any:
    """A federation whose first version ties its two embeddings."""
    folder = federation.work / "tied"
    first_version(folder, state_of(NextCharacter()), architecture="next-character")
    (folder / "README.md").write_text("# A model card\n")
    first_version(folder, state_of(NextCharacter()), architecture="next-character")
    digest = federation.blobs.put_folder(folder)
    federation.model_id = federation.ledger.register(federation.owner.address, "tied", digest)
    return federation


def played(federation: Federation, document: TermsDocument) -> Any:
    """A round of three, each with its own text."""
    federation.document = document
    terms = federation.terms(
        base_version=len(federation.board().versions(federation.model_id)),
        document_digest=document.digest,
        strategy=document.strategy,
    )
    trainings = [module_training(NextCharacter(), text_of(place)) for place in range(3)]
    people = [federation.participant(i, training) for i, training in enumerate(trainings)]
    return federation.round(people, terms)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_l8_four_rounds_with_a_transform_end_in_a_version_that_loads(tied: Any, name: str) -> None:
    ties = ties_of(NextCharacter())
    assert ties == {"head.weight": "embedding.weight"}
    document = TermsDocument(plan=PLAN, transforms=TRANSFORMS[name], tied=ties)
    moved = NextCharacter().embedding.weight.detach()
    for number in range(2, 6):
        result = played(tied, document)
        assert result.version.number == number
        folder = tied.work / f"version-{number}"
        tied.blobs.get_folder(result.version.content_digest, folder, 1 << 20)
        module = NextCharacter()
        load_into(module, read_version(folder))
        assert not torch.equal(module.embedding.weight, moved)
        moved = module.embedding.weight.detach().clone()


@pytest.mark.parametrize("name", TRANSFORMS)
def test_l8_terms_that_would_part_a_tensor_are_refused_by_who_knows_the_module(
    tied: Any, name: str
) -> None:
    document = TermsDocument(plan=PLAN, transforms=TRANSFORMS[name])
    with pytest.raises(ConfigError, match=r"--tied head\.weight=embedding\.weight"):
        played(tied, document)


def test_l8_other_scales_for_a_copy_are_refused_too(tied: Any) -> None:
    with pytest.raises(ConfigError, match="would part them"):
        played(tied, TermsDocument(plan=PLAN, scales=(("head.*", 3),)))


def test_without_anything_that_parts_them_both_move_alike(tied: Any) -> None:
    result = played(tied, TermsDocument(plan=PLAN))
    tied.blobs.get_folder(result.version.content_digest, tied.work / "v", 1 << 20)
    load_into(NextCharacter(), read_version(tied.work / "v"))


def test_l8_a_copy_is_no_part_of_the_vector_and_follows_its_original() -> None:
    base = {"a": torch.zeros(2), "b": torch.zeros(2), "c": torch.ones(1)}
    layout = Layout.of(base, ["*"], "keep", (), {"b": "a"})
    assert (layout.names, layout.length) == (("a", "c"), 3)
    new = apply_step(base, layout, torch.tensor([1.0, 2.0, 3.0]).double().numpy())
    assert new["b"].tolist() == new["a"].tolist() == [1.0, 2.0]
    # In memory of its own: who writes into one of them changes no other.
    assert new["b"].data_ptr() != new["a"].data_ptr()
    # What isn't trained keeps its copy too.
    kept = Layout.of(base, ["c"], "keep", (), {"b": "a"})
    assert apply_step(base, kept, torch.tensor([3.0]).double().numpy())["b"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("tied_names", "said"),
    [
        ({"b": "a"}, "isn't a copy"),
        ({"b": "x"}, "two tensors of the base"),
        ({"x": "a"}, "two tensors of the base"),
        ({"d": "a", "c": "d"}, "two tensors of the base"),
        ({"e": "a"}, "isn't a copy"),
    ],
)
def test_l8_pairs_that_are_none_in_the_base_are_refused(
    tied_names: dict[str, str], said: str
) -> None:
    base = {"a": torch.zeros(2), "b": torch.ones(2), "c": torch.zeros(2), "d": torch.zeros(2)}
    base["e"] = torch.zeros(2, 1)
    with pytest.raises(ConfigError, match=said):
        Layout.of(base, ["*"], "keep", (), tied_names)


def test_l8_copies_are_told_by_their_bits() -> None:
    zero, nan = torch.tensor([0.0, 1.0]), torch.tensor([float("nan"), 1.0])
    base = {"a": zero, "b": -zero * torch.tensor([1.0, -1.0]), "c": nan, "d": nan.clone()}
    base["w"] = torch.ones(2)
    with pytest.raises(ConfigError, match="isn't a copy"):
        Layout.of(base, ["*"], "keep", (), {"b": "a"})
    assert Layout.of(base, ["*"], "keep", (), {"d": "c"}).names == ("a", "b", "w")


def test_l8_a_tied_mask_of_infinities_is_kept_wherever_the_layout_is_read(tmp_path: Path) -> None:
    mask = torch.full((3,), float("-inf"))
    state = {"w": torch.ones(2), "mask": mask, "mask_too": mask.clone()}
    first_version(tmp_path / "v", state, architecture="x")
    document = TermsDocument(tied={"mask_too": "mask"})
    assert layout_of(state, document).names == ("w",)
    assert weights_of(tmp_path / "v", document).length == 2


def test_l8_a_robust_rule_counts_a_tied_tensor_once(tied: Any) -> None:
    document = TermsDocument(plan=PLAN, tied=ties_of(NextCharacter()), aggregator="median")
    robust = replace(document, transforms=TRANSFORMS["quantize"])
    result = played(tied, robust)
    tied.blobs.get_folder(result.version.content_digest, tied.work / "v", 1 << 20)
    load_into(NextCharacter(), read_version(tied.work / "v"))


@pytest.mark.parametrize(
    ("tied", "told"),
    [
        ({"a": "a"}, "'a' is no copy of itself"),
        ({"a": "b", "b": "c"}, "'a' is a copy of 'b', which is one itself; give 'c'"),
        ({"a": 1}, "a name by each copy's name"),
        (None, "a name by each copy's name"),
    ],
)
def test_pairs_that_tie_nothing_are_refused_before_a_base_is_read(tied: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        TermsDocument(tied=tied)
