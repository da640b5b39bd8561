"""P-5, P-6, P-8: who is paid what, with missing documents, roots that wait, and sweeps."""

from __future__ import annotations

import logging
from dataclasses import replace
from hashlib import sha256
from typing import Any, final

import pytest
from memory_federation import Federation, document_of

from registry.errors import BlobNotFound, ConfigError, StoreUnavailable
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.coordinator.paying import post_due
from trainer.engines import run_in_process
from trainer.participant.participant import Participant
from trainer.ports import BlobStore, RoundContext
from trainer.types import ProposedResult


@final
class Without(BlobStore):
    """Storage that says something of its own about some blocks."""

    def __init__(self, blobs: BlobStore, missing: set[bytes], error: Exception) -> None:
        self._blobs, self._missing, self._error = blobs, missing, error

    def put_folder(self, folder: Any) -> bytes:
        """Stores a folder."""
        return self._blobs.put_folder(folder)

    def get_folder(self, digest: bytes, destination: Any, limit: int) -> None:
        """Brings a folder."""
        self._blobs.get_folder(digest, destination, limit)

    def put_bytes(self, data: bytes) -> bytes:
        """Stores bytes."""
        return self._blobs.put_bytes(data)

    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Returns bytes, unless they are some of those."""
        if digest in self._missing:
            raise self._error
        return self._blobs.get_bytes(digest, limit)


def withheld(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Ends a round whose document nobody has; returns its id."""
    board = federation.board()
    propose = board.propose

    def withholding(round_id: bytes, result: ProposedResult) -> None:
        """Proposes the same result under the digest of an unknown text."""
        unknown = sha256(b"given to nobody" + round_id).digest()
        propose(round_id, replace(result, document_digest=unknown))

    monkeypatch.setattr(board, "propose", withholding)
    thief = Coordinator(
        RoundContext(board, federation.blobs, federation.clock), federation.work / "thief"
    )
    round_id = thief.open(federation.terms(reward_budget=1), federation.document)
    with pytest.raises(BlobNotFound):
        run_in_process(thief, people(federation), federation.clock, round_id)
    assert federation.board().state(round_id).finalised
    return round_id


def people(federation: Federation) -> list[Participant]:
    return [federation.participant(index) for index in range(3)]


def proposed(federation: Federation, ended: RoundResult) -> ProposedResult:
    """The result that stands on the board."""
    result = federation.board().state(ended.round_id).result
    assert result is not None
    return result


def shares(federation: Federation, base_version: int = 1) -> dict[str, int]:
    """Runs a round; returns what it pays."""
    terms = federation.terms(base_version=base_version)
    return document_of(federation.round(people(federation), terms)).shares


def paid(federation: Federation) -> dict[str, int]:
    return dict(federation.board().cumulative_payouts(federation.model_id, federation.token))


def test_a_missing_document_stops_no_other_round_s_pay(
    federation: Federation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    withheld(federation, monkeypatch)
    with caplog.at_level(logging.WARNING):
        result = federation.round(people(federation))
    assert paid(federation) == document_of(result).shares
    assert "round 1 is left out of the payouts: no source has its result document" in caplog.text


def test_what_was_left_out_is_paid_once_its_document_is_found(federation: Federation) -> None:
    first = federation.round(people(federation))
    digest = proposed(federation, first).document_digest
    federation.ledger.payouts.clear()  # as if the first root had not been posted yet
    gone = Without(federation.blobs, {digest}, BlobNotFound("no source"))
    coordinator = federation.coordinator("second", blobs=gone)
    round_id = coordinator.open(federation.terms(base_version=2), federation.document)
    second = run_in_process(coordinator, people(federation), federation.clock, round_id)
    assert paid(federation) == document_of(second).shares
    third = federation.round(people(federation), federation.terms(base_version=3))
    rounds = [document_of(made).shares for made in (first, second, third)]
    assert paid(federation) == {who: sum(r[who] for r in rounds) for who in rounds[0]}


def test_no_root_lowers_what_the_newest_pays(federation: Federation) -> None:
    first = federation.round(people(federation))
    before = paid(federation)
    digest = proposed(federation, first).document_digest
    gone = Without(federation.blobs, {digest}, BlobNotFound("no source"))
    coordinator = federation.coordinator("second", blobs=gone)
    terms = federation.terms(base_version=2, reward_budget=5)
    round_id = coordinator.open(terms, federation.document)
    with pytest.raises(BlobNotFound, match="no source"):
        run_in_process(coordinator, people(federation), federation.clock, round_id)
    assert paid(federation) == before


def test_a_store_that_does_not_answer_says_nothing_about_a_round(federation: Federation) -> None:
    first = federation.round(people(federation))
    digest = proposed(federation, first).document_digest
    mute = Without(federation.blobs, {digest}, StoreUnavailable("no answer"))
    coordinator = federation.coordinator("second", blobs=mute)
    round_id = coordinator.open(federation.terms(base_version=2), federation.document)
    with pytest.raises(StoreUnavailable):
        run_in_process(coordinator, people(federation), federation.clock, round_id)
    assert paid(federation) == document_of(first).shares


@pytest.mark.parametrize("error", [BlobNotFound("no source"), ConfigError("another root")])
def test_a_root_that_nobody_can_read_stops_no_pay(
    federation: Federation, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = federation.round(people(federation))

    def unread(model_id: bytes, token: str) -> dict[str, int]:
        """The newest root has no readable amounts."""
        raise error

    board = federation.board()
    monkeypatch.setattr(board, "cumulative_payouts", unread)
    coordinator = Coordinator(
        RoundContext(board, federation.blobs, federation.clock), federation.work / "u"
    )
    round_id = coordinator.open(federation.terms(base_version=2), federation.document)
    second = run_in_process(coordinator, people(federation), federation.clock, round_id)
    due = [document_of(made).shares for made in (first, second)]
    assert paid(federation) == {who: due[0][who] + due[1][who] for who in due[0]}


def test_p_6_a_round_after_a_sweep_is_paid_on_top_of_what_was_claimed(
    federation: Federation,
) -> None:
    first = shares(federation)
    claimed = dict([max(first.items(), key=lambda entry: entry[1])])
    federation.ledger.sweep(federation.model_id, federation.token, claimed)
    assert paid(federation) == {}
    second = shares(federation, 2)
    assert paid(federation) == {a: claimed.get(a, 0) + n for a, n in second.items()}
    third = shares(federation, 3)
    assert paid(federation) == {a: claimed.get(a, 0) + second[a] + third[a] for a in third}


def test_p_6_a_swept_round_is_not_paid_again(federation: Federation) -> None:
    first = federation.round(people(federation))
    federation.ledger.sweep(federation.model_id, federation.token, {})
    post_due(federation.board(), federation.blobs, federation.board().state(first.round_id))
    assert paid(federation) == {}


def test_p_5_rounds_faster_than_the_delay_do_not_begin_it_anew(
    federation: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    federation.ledger.activation_delay = 1 << 30
    first = shares(federation)
    board, key = federation.board(), (federation.model_id, federation.token)
    moment = board.payouts_wait_until(*key)
    with caplog.at_level(logging.WARNING):
        second = federation.round(people(federation), federation.terms(base_version=2))
    assert f"a payout root waits until {moment}" in caplog.text
    assert (paid(federation), board.payouts_wait_until(*key)) == (first, moment)
    federation.clock.wait_until(moment)
    assert post_due(board, federation.blobs, board.state(second.round_id)) == 0
    assert paid(federation) == {a: n + document_of(second).shares[a] for a, n in first.items()}


def test_p_5_a_wrong_root_that_waits_is_replaced(federation: Federation) -> None:
    federation.ledger.activation_delay = 1 << 30
    first = federation.round(people(federation))
    board = federation.board()
    thief = federation.owner.address
    board.post_payouts(federation.model_id, federation.token, {thief: 1})
    assert post_due(board, federation.blobs, board.state(first.round_id)) == 0
    assert paid(federation) == document_of(first).shares
