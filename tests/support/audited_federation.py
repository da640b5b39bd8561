"""A federation to audit, and the lies that may be told about it.

Round 1 is final, paid and partly claimed. In round 2 everybody has revealed and nothing is
proposed: participant 2 signed with zeros, participant 3 stated another weight than it revealed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario, WatchedGateway
from told_histories import Around, HistoryPlace, Told, flip, forging, places_of, told_of

from registry.audit import Report, RoundReplay, audit
from registry.chain.event_layout import event_topics
from registry.chain.gateway import Gateway, connect
from registry.documents.result import ResultDocument
from registry.index import RoundRecord
from registry.signing import LocalSigner
from registry.storage import DAG_PB, RAW, Cid, list_directory
from registry.storage.flatfs import FlatFiles
from trainer.adapters.replay import Replay
from trainer.adapters.store_blobs import StoreBlobs
from trainer.documents.results import result_document
from trainer.documents.version_folders import read_version, write_version
from trainer.execution.execute import execute, layout_of, score
from trainer.execution.round_inputs import RoundInputs
from trainer.types import AcceptedUpdate, RefusedUpdate
from trainer.vectors.safetensors_files import load_safetensors

__all__ = ["AuditedFederation", "Forgery", "Lie", "altered_event", "build", "dropped_event"]

Forgery = Callable[[ResultDocument], ResultDocument]
Lie = Callable[[Gateway], Around]


def zero_signature(folder: Path) -> None:
    """Signs with zeros."""
    path = folder / "statement.json"
    signature = json.loads(path.read_bytes())["signature"]
    path.write_text(path.read_text().replace(signature, "0x" + "0" * 130))


def other_weight(folder: Path) -> None:
    """States the weight 7."""
    path = folder / "statement.json"
    weight = json.dumps(json.loads(path.read_bytes())["message"]["weight"])
    path.write_text(path.read_text().replace(f'"weight":{weight}', '"weight":7'))


@dataclass
class AuditedFederation:
    """What `build` makes; `waiting` is the round without a result."""

    federation: ChainFederation
    waiting: bytes

    def audit(
        self,
        lie: Lie | None = None,
        replay: RoundReplay | None = None,
        second: Any = None,
        trusted_block: str | None = None,
    ) -> Report:
        """Audits without a key, through a node that may lie."""
        place = self.federation.place
        honest = connect(place.gateway.url)
        gateway = WatchedGateway.over(honest, lie(honest)) if lie else honest
        reader = place.client(gateway=gateway)
        return audit(
            reader.connection,
            replay=replay or Replay(),
            second=second,
            trusted_block=trusted_block,
        )

    def propose(self, forgery: Forgery) -> Report:
        """Lets a dishonest coordinator end the waiting round, then audits."""
        self.federation.coordinator("dishonest", forgery).run_round(self.waiting)
        return self.audit()

    def record(self, number: int) -> RoundRecord:
        """A round as the events tell it."""
        return self.federation.client.round(MODEL, number)

    def address(self, index: int) -> str:
        """A participant's address."""
        return self.federation.people[index].address

    def document(self, number: int) -> ResultDocument:
        """A round's result document."""
        result = self.record(number).result
        assert result is not None
        return ResultDocument.parse(
            self.federation.blobs.get_bytes(result.document_digest, 1 << 20)
        )

    def accepting(self, people: Sequence[int], refused: Sequence[RefusedUpdate]) -> Forgery:
        """Returns a forgery that accepts these participants unseen, and is consistent otherwise."""

        def forge(honest: ResultDocument) -> ResultDocument:
            made = self.federation
            work, blobs = made.place.work / f"forged-{sorted(people)}", made.blobs
            base_version = made.client.versions(MODEL)[-1]
            blobs.get_folder(base_version.content.digest, work / "base", 1 << 20)
            base, terms = read_version(work / "base"), made.terms()
            layout_of(base, made.document)
            updates = [self._unseen(index, work, blobs) for index in people]
            outcome = execute(RoundInputs.under(terms, made.document, base, updates))
            parents = [base_version.version_id]
            write_version(
                work / "base", work / "version", outcome.tensors, parents, honest.round_id
            )
            return result_document(
                honest.round_id,
                outcome.result_root,
                blobs.put_folder(work / "version"),
                honest.scoring,
                honest.budget,
                updates,
                score(RoundInputs.under(terms, made.document, base, updates)),
                refused,
            )

        return forge

    def _unseen(self, index: int, work: Path, blobs: StoreBlobs) -> AcceptedUpdate:
        address = self.address(index)
        revealed, folder = self.record(2).reveals[address], work / address
        blobs.get_folder(revealed.content_digest, folder, 1 << 20)
        vector = load_safetensors(folder / "update.safetensors")["update"].numpy()
        return AcceptedUpdate(
            address, revealed.update_root, revealed.content_digest, revealed.weight, vector
        )

    @contextmanager
    def changed_byte(self, cid: Cid) -> Iterator[None]:
        """Flips a bit of a stored block while it lasts, as a careless store might."""
        path = FlatFiles(self.federation.store.folder / "blocks").path(cid)
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        try:
            yield
        finally:
            path.write_bytes(whole)

    def block_of(self, folder: bytes, name: str) -> Cid:
        """The block of a file in a stored folder."""
        entries = list_directory(self.federation.store, Cid(DAG_PB, folder))
        found = next(entry.cid for entry in entries if entry.name == name)
        assert found.codec == RAW
        return found


def build(place: ChainScenario, owner: LocalSigner) -> AuditedFederation:
    """Plays round 1 to its end and round 2 to its reveals."""
    federation = ChainFederation(place, owner, seats=4)
    federation.publish_first()
    federation.round(federation.participants())
    claimant = federation.client_of(federation.people[0])
    claimant.payouts.claim(claimant.model(MODEL), federation.token, federation.people[0].address)
    federation.client.set_channel(MODEL, "production", 2)
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    people = federation.participants(p2=zero_signature, p3=other_weight)
    for _ in range(3):
        for person in people:
            person.step(round_id)
    return AuditedFederation(federation, round_id)


def _places(told: Told, contract: str, event: str) -> list[HistoryPlace]:
    topics = {topic for topic, name in event_topics(contract).items() if name == event}
    return [place for place in places_of(told) if place.of(told)["topics"][0] in topics]


def altered_event(contract: str, event: str, field: str, which: int = 0) -> Lie:
    """Makes a forger that tells another value of one field, in the first such event or another."""

    def lie(gateway: Gateway) -> Around:
        told = told_of(gateway)
        flip(_places(told, contract, event)[which].of(told), contract, event, field)
        return forging(told)

    return lie


def dropped_event(contract: str, event: str) -> Lie:
    """Makes a forger that keeps the newest such event to itself."""

    def lie(gateway: Gateway) -> Around:
        told = told_of(gateway)
        place = _places(told, contract, event)[-1]
        place.logs(told).pop(place.log)
        return forging(told)

    return lie
