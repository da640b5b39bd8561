"""Given the updates of a hidden round whose sum is open

when somebody revealed without having shared secrets, or without a key: its update is refused, by
  name, it has no score, and the sum is that of the others
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hidden_people import Absent, hiding, seen, terms_of

from trainer.coordinator.hidden_rounds import HiddenRounds
from trainer.documents.version_folders import read_version
from trainer.errors import Reason
from trainer.execution.execute import layout_of
from trainer.execution.hidden_rounds import HiddenInputs, execute_hidden
from trainer.ports import RoundContext
from trainer.protocol.actions import RoundStep


def test_who_is_not_hidden_among_others_is_refused_and_scored_by_nobody(tmp_path: Path) -> None:
    federation = hiding(tmp_path)
    people: list[Any] = [federation.participant(i) for i in range(4)]
    people[3] = Absent(people[3], RoundStep.SHARE_SECRETS)
    result = federation.round(people, terms_of(federation, 4))
    state, hidden = seen(federation, result.round_id)
    base = read_version(tmp_path / "first")
    length = layout_of(base, federation.document).length
    rounds = HiddenRounds(RoundContext(federation.board(), federation.blobs, federation.clock))
    good, refused = rounds.collected(state, hidden, length, tmp_path / "again")
    assert (len(good), refused) == (3, [])
    idle, stranger = people[3].address, federation.people[4].address
    extra = [replace(good[0], participant=who) for who in (idle, stranger)]
    plain = HiddenInputs(base, state.terms, federation.document, hidden, good)
    expected, found = (
        execute_hidden(inputs) for inputs in (plain, replace(plain, updates=[*good, *extra]))
    )
    assert found.outcome.result_root == expected.outcome.result_root
    told = {update.participant: (update.reason, update.detail) for update in found.refused}
    assert told == {
        idle: (Reason.HIDDEN, "it shared no secrets with its neighbours"),
        stranger: (Reason.HIDDEN, "it published no key of the round"),
    }
    assert {update.participant for update in found.accepted} == {u.participant for u in good}
    assert found.scores() == {update.participant: 1 for update in good}
