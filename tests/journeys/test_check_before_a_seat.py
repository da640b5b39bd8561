"""Journey: `tally train check` says point by point what is wrong, and `join` takes no seat then."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from running_commands import end, start
from tests_roles import OWNER

from registry.cli.options import Session
from registry.cli.output import Output
from registry.documents.allow_list import AllowList
from registry.errors import TrainingError
from registry.signing import LocalSigner
from trainer.adapters.registry_board import RegistryBoard
from trainer.cli.check import require_ready
from trainer.documents.terms_document import TermsDocument
from trainer.protocol.round_state import RoundState
from trainer.readiness.participation import Wishes
from trainer.training.client_choice import ClientChoice
from trainer.training.local_training import LocalPlan

OWN = """
import numpy as np
import torch


class Good:
    def __init__(self, data):
        self.net = torch.nn.Sequential(torch.nn.Linear(4, 3))
        assert data.read_text() == "twelve patients"

    def get_parameters(self, config):
        return [tensor.numpy() for tensor in self.net.state_dict().values()]

    def fit(self, parameters, config):
        return [array + np.float32(0.25) for array in parameters], 12, {}


class Constructor(Good):
    def __init__(self, data):
        raise KeyError("no such shard")


class Shapes(Good):
    def __init__(self, data):
        self.net = torch.nn.Sequential(torch.nn.Linear(5, 3))


class Dtypes(Good):
    def get_parameters(self, config):
        return [array.astype(np.int64) for array in super().get_parameters(config)]


class Names(Good):
    def __init__(self, data):
        self.net = torch.nn.Linear(4, 3)


class Raising(Good):
    def fit(self, parameters, config):
        return parameters[7777]


class Returning(Good):
    def fit(self, parameters, config):
        return [array * np.float32("nan") for array in parameters], 12, {}


class Fewer(Good):
    def fit(self, parameters, config):
        return parameters[:1], 12, {}
"""
POOR = LocalSigner.from_key(bytes(31) + bytes([77]))
JOIN = ["train", "join", MODEL, "--data", "patients.txt", "--client"]
CHECK = ["train", "check", MODEL, "--data", "patients.txt", "--client"]


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model, a class and its data, and a round that takes two participants."""
    made = ChainFederation(place, OWNER, seats=2)
    made.publish_first()
    (place.work / "own_clinic.py").write_text(OWN)
    (place.work / "patients.txt").write_text("twelve patients")
    (place.work / "empty.txt").touch()
    return made


def opened(federation: ChainFederation, allow_list: AllowList | None = None) -> bytes:
    """Opens a round that waits for participants, and returns its id."""
    changes: dict[str, Any] = {"reward_budget": 0, "reward_token": "0x" + "0" * 40}
    document = federation.document
    if allow_list is not None:
        document = replace(document, allow_list=allow_list.digest)
        changes |= {"allow_list_root": allow_list.root, "document_digest": document.digest}
    return federation.coordinator().open(federation.terms(**changes), document, allow_list)


def seen(federation: ChainFederation, round_id: bytes) -> RoundState:
    """The round as it stands on the chain."""
    return RegistryBoard(federation.client).state(round_id)


def ran(federation: ChainFederation, who: LocalSigner, *words: str) -> tuple[int, Any, Any]:
    """Runs a command to its end: its code, what it printed, and what it complained of."""
    process = start(federation.place, who, *words)
    try:
        out, err = process.communicate(timeout=90)
    finally:
        end(process)
    assert "Traceback" not in err
    printed, complaint = (json.loads(text) if text.strip() else None for text in (out, err))
    return process.returncode, printed, complaint


def states(report: Any) -> dict[str, str]:
    """What each point came to."""
    return {point["point"]: point["state"] for point in report["points"]}


def test_who_is_ready_is_told_so_and_has_no_seat_yet(federation: ChainFederation) -> None:
    round_id, who = opened(federation), federation.people[0]
    code, report, complaint = ran(federation, who, *CHECK, "./own_clinic.py:Good", "--fit")
    assert (code, report["ready"], complaint) == (0, True, None)
    assert set(states(report).values()) == {"ok"}, report
    assert list(states(report)) == [
        "network", "clock", "storage", "funds", "model", "data", "class", "constructor", "shapes",
        "dtypes", "fit", "invitation", "terms",
    ]  # fmt: skip
    told = {point["point"]: point["text"] for point in report["points"]}
    assert "2 of 2 arrays moved" in told["fit"]
    assert "0 of 2 seats taken" in told["invitation"]
    assert seen(federation, round_id).enrolled == ()


WRONG = [
    ("own_clinic:Nobody", [], 2, "class", "it has Good, Constructor"),
    ("nowhere:Good", [], 2, "class", "give the file's path"),
    ("./nowhere.py:Good", [], 2, "class", "expected a file at"),
    ("own_clinic:Constructor", [], 2, "constructor", "KeyError: 'no such shard' ("),
    ("own_clinic:Names", [], 2, "shapes", "only the class has bias, weight"),
    ("own_clinic:Shapes", [], 2, "shapes", "0.weight: expected (3, 4), got (3, 5)"),
    ("own_clinic:Dtypes", [], 2, "dtypes", "0.weight: expected float32, got int64"),
    ("own_clinic:Raising", ["--fit"], 9, "fit", "own_clinic.py:40)"),
    ("own_clinic:Returning", ["--fit"], 9, "fit", "infinities or NaN in '0."),
    ("own_clinic:Fewer", ["--fit"], 9, "fit", "expected 2 arrays, got 1"),
    ("own_clinic:Good", ["--data", "empty.txt"], 2, "data", "it is empty"),
    ("own_clinic:Good", ["--data", "gone.txt"], 2, "data", "expected a file or folder"),
    ("own_clinic:Good", ["--storage", "patients.txt/no"], 2, "network", "patients.txt"),
]


@pytest.mark.parametrize(("reference", "options", "code", "point", "says"), WRONG)
def test_what_is_wrong_is_named_with_a_remedy(
    federation: ChainFederation,
    reference: str,
    options: list[str],
    code: int,
    point: str,
    says: str,
) -> None:
    who = federation.people[0]
    ended, report, complaint = ran(federation, who, *CHECK, reference, *options)
    assert (ended, report["ready"]) == (code, False), complaint
    first = next(p for p in report["points"] if p["state"] == "wrong")
    assert first["point"] == point
    assert says in first["text"]
    assert complaint["message"] == first["text"]
    # The points that don't hang on it are looked at all the same.
    assert states(report)["class" if point != "class" else "data"] == "ok"


def test_join_looks_first_and_takes_no_seat_where_something_is_wrong(
    federation: ChainFederation,
) -> None:
    round_id, who = opened(federation), federation.people[0]
    code, _, complaint = ran(federation, who, *JOIN, "own_clinic:Shapes")
    assert code == 2
    assert "0.weight: expected (3, 4), got (3, 5)" in complaint["message"]
    assert seen(federation, round_id).enrolled == ()
    # The same round takes a participant with whom nothing is wrong.
    process = start(federation.place, who, *JOIN, "own_clinic:Good")
    try:
        clock = federation.place.gateway
        for _ in range(600):
            if seen(federation, round_id).enrolled:
                break
            clock.request("evm_mine", [])
            if process.poll() is not None:
                break
    finally:
        end(process)
    assert seen(federation, round_id).enrolled == (who.address,)


def test_who_can_t_pay_or_isn_t_invited_is_told_before(federation: ChainFederation) -> None:
    round_id = opened(federation, AllowList.of([federation.people[0].address]))
    who = federation.people[1]
    code, report, complaint = ran(federation, who, *CHECK, "own_clinic:Good")
    assert (code, states(report)["invitation"]) == (9, "wrong")
    assert f"{who.address} is not on its allow-list" in complaint["message"]
    code, report, complaint = ran(federation, POOR, *CHECK, "own_clinic:Good")
    assert (code, states(report)["funds"]) == (9, "wrong")
    assert f"tally account fund {POOR.address}" in complaint["message"]
    invited = federation.people[0]
    code, report, _ = ran(federation, invited, *CHECK, "own_clinic:Good")
    assert (code, states(report)["invitation"]) == (0, "ok")
    assert seen(federation, round_id).enrolled == ()


def test_what_a_round_asks_for_and_a_class_lacks_is_told_before(
    federation: ChainFederation,
) -> None:
    plan = LocalPlan(optimizer="sgd", learning_rate="0.1", steps=2)
    federation.document = TermsDocument(
        strategy="scaffold",
        strategy_parameters={"participants": "2"},
        plan=plan,
        scoring="equal",
    )
    round_id, who = opened(federation), federation.people[0]
    code, report, complaint = ran(federation, who, *CHECK, "own_clinic:Good")
    assert (code, states(report)["terms"]) == (2, "wrong")
    assert "give the client a method steer" in complaint["message"]
    code, _, complaint = ran(federation, who, *JOIN, "own_clinic:Good")
    assert (code, complaint["error"]) == (2, "ConfigError")
    assert "give the client a method steer" in complaint["message"]
    assert seen(federation, round_id).enrolled == ()


def test_who_has_a_seat_goes_on_though_something_is_wrong(
    federation: ChainFederation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    place, who = federation.place, federation.people[0]
    monkeypatch.chdir(place.work)
    monkeypatch.syspath_prepend(place.work)
    session = Session(place.settings(who), Output())
    choice = ClientChoice("own_clinic:Good", place.work / "patients.txt")
    wishes = Wishes(MODEL, choice, place.work / "personal", this_round=False)
    round_id, client = opened(federation), federation.client_of(who)
    balance = place.gateway.balance(who.address)
    place.gateway.request("anvil_setBalance", [who.address, hex(10**9)])
    with pytest.raises(TrainingError, match="tally account fund"):
        require_ready(session, client, wishes)
    assert "no seat was taken" in capsys.readouterr().out
    place.gateway.request("anvil_setBalance", [who.address, hex(balance)])
    federation.participants()[0].step(round_id)
    assert seen(federation, round_id).enrolled == (who.address,)
    place.gateway.request("anvil_setBalance", [who.address, hex(10**9)])
    assert callable(require_ready(session, client, wishes))
    said = capsys.readouterr().out
    assert "wrong  funds" in said
    assert "a round has this account's seat: going on all the same" in said
