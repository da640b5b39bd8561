"""Whole rounds of personal training, to the published version's bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from memory_federation import Federation
from torch.utils.data import TensorDataset

from registry.errors import RoundError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version, read_version
from trainer.training.personal import ditto_training, ifca_training, private_head_training
from trainer.vectors.clusters import clustered_state, clusters_of
from trainer.vectors.torch_modules import state_of

OPPOSITE = (False, True, True)


def published(federation: Federation, result: Any) -> dict[str, torch.Tensor]:
    """The tensors of a round's version, from storage."""
    folder = federation.work / f"fetched-{result.version.number}"
    federation.blobs.get_folder(result.version.content_digest, folder, 1 << 20)
    found: dict[str, torch.Tensor] = read_version(folder)
    return found


def model_of(federation: Federation, state: dict[str, torch.Tensor]) -> None:
    """Puts another model in the place of the federation's."""
    folder = federation.work / "another"
    first_version(folder, state, architecture="personal")
    federation.model_id = federation.ledger.register(
        federation.owner.address, "personal", federation.blobs.put_folder(folder)
    )


def played(federation: Federation, document: TermsDocument, trainings: list[Any]) -> Any:
    """A round of these trainings on the newest version."""
    federation.document = document
    terms = federation.terms(
        base_version=len(federation.board().versions(federation.model_id)),
        document_digest=document.digest,
    )
    people = [federation.participant(i, training) for i, training in enumerate(trainings)]
    return federation.round(people, terms=terms), people


def test_a_private_head_is_in_no_version(
    federation: Federation, made: Any, points: Any, plan: Any
) -> None:
    base = state_of(made(2))
    model_of(federation, base)
    trainings = [
        private_head_training(made(), points(i, o), ("head.*",), federation.work / f"{i}.own")
        for i, o in enumerate(OPPOSITE)
    ]
    document = replace(federation.document, parameters=("*", "!head.*"), plan=plan)
    for _ in range(3):
        result, people = played(federation, document, trainings)
    found = published(federation, result)
    assert torch.equal(found["head.weight"], base["head.weight"])
    assert not torch.equal(found["body.weight"], base["body.weight"])
    assert all(person.metrics["personal_accuracy"] > 0.85 for person in people)
    # 40 values of the body are all that an update holds.
    assert federation.work.joinpath("0.own").exists()


def test_ditto_changes_nothing_in_a_round(
    federation: Federation, made: Any, points: Any, plan: Any, tmp_path: Any
) -> None:
    found = []
    for strength in (0.0, 1.0):
        work = tmp_path / str(strength)
        work.mkdir()
        again = type(federation)(work)
        model_of(again, state_of(made(2)))
        trainings = [
            ditto_training(made(), points(i, o), work / f"{i}.own", strength)
            for i, o in enumerate(OPPOSITE)
        ]
        result, _ = played(again, replace(again.document, plan=plan), trainings)
        found.append(result.version.content_digest)
    assert found[0] == found[1]


def test_clusters_part_and_each_fits_its_members(
    federation: Federation, made: Any, points: Any, plan: Any
) -> None:
    model_of(federation, clustered_state([state_of(made(seed)) for seed in (1, 5)]))
    trainings = [ifca_training(made(), points(i, o)) for i, o in enumerate(OPPOSITE)]
    document = replace(
        federation.document,
        plan=plan,
        aggregator="clustered_mean",
        aggregator_parameters={"clusters": 2},
    )
    for _ in range(3):
        result, people = played(federation, document, trainings)
    chosen = [int(person.metrics["cluster"]) for person in people]
    assert chosen[1] == chosen[2] != chosen[0]
    models = clusters_of(published(federation, result))
    for cluster, opposite in zip(chosen, OPPOSITE, strict=True):
        module = made()
        module.load_state_dict(models[cluster])
        data: TensorDataset = points(77, opposite)
        with torch.no_grad():
            right = (module(data.tensors[0]).argmax(1) == data.tensors[1]).double().mean()
        assert float(right) > 0.85


def test_clusters_that_the_base_lacks_are_refused_before_anyone_trains(
    federation: Federation, made: Any, points: Any, plan: Any
) -> None:
    document = replace(
        federation.document, aggregator="clustered_mean", aggregator_parameters={"clusters": 3}
    )
    with pytest.raises(RoundError, match=r"expected tensors cluster\.<i>\.<name>"):
        played(federation, document, [ifca_training(made(), points(i)) for i in range(3)])
