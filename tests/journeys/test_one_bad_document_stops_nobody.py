"""Journey: a result document that isn't one owes nobody; later rounds are paid (P-8, T-53, T-56).

given a round whose publisher writes its document with blanks, and is final
  when an honest round follows: it is paid in full, from its own budget
  when anybody audits: the bad document is named, with whose it is, and nothing else
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import final

import pytest
from chain_federation import BUDGET, MODEL, ChainFederation
from chain_parties import ChainScenario
from tests_roles import OWNER

from registry.audit import FindingKind, audit
from registry.documents.result import LARGEST_RESULT
from registry.errors import ConfigError
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.coordinator.coordinator import Coordinator
from trainer.engines import run_in_process
from trainer.ports import RoundContext
from trainer.types import ProposedResult


@final
class BlanksBoard(RegistryBoard):
    """A coordinator's board that writes the result document anew, with blanks."""

    def __init__(self, federation: ChainFederation) -> None:
        super().__init__(federation.client)
        self._blobs = federation.blobs

    def propose(self, round_id: bytes, result: ProposedResult) -> None:
        """Proposes the same result under another text."""
        honest = self._blobs.get_bytes(result.document_digest, LARGEST_RESULT)
        text = json.dumps(json.loads(honest), indent=1).encode()
        self._blobs.put_bytes(text)
        changed = ProposedResult(
            result.result_root,
            result.version_digest,
            sha256(text).digest(),
            result.accepted,
            result.total_weight,
        )
        super().propose(round_id, changed)


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model and three data owners."""
    made = ChainFederation(place, OWNER)
    made.publish_first()
    return made


def test_t53_one_bad_document_is_named_and_stops_nobody_s_pay(federation: ChainFederation) -> None:
    board = BlanksBoard(federation)
    careless = Coordinator(
        RoundContext(board, federation.blobs, federation.clock), federation.place.work / "careless"
    )
    bad = careless.open(federation.terms(), federation.document)
    with pytest.raises(ConfigError, match="result document: not in canonical form"):
        run_in_process(careless, federation.participants(), federation.clock, bad)
    assert federation.client.round(MODEL, 1).finalised

    result = federation.round(federation.participants())
    assert result.document is not None
    client = federation.client
    newest = client.payouts.newest(client.model(MODEL), federation.token)
    assert newest is not None
    owed = client.payouts.cumulative(newest)
    assert owed == {who: share for who, share in result.document.shares.items() if share}
    assert sum(owed.values()) == BUDGET

    report = audit(federation.place.client().connection, replay=Replay())
    (finding,) = report.findings
    assert finding.kind is FindingKind.CONTENT
    assert finding.subject == f"{MODEL} round 1: result"
    assert finding.whose == f"coordinator {OWNER.address}"
    assert "R-9" in finding.expected
