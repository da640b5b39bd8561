"""What a participant needs outside its process: a node, storage, funds, and an invitation."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import final

from registry.chain.fees import suggest
from registry.chain.local_chains import LOCAL_CHAINS
from registry.client import RegistryClient
from registry.errors import ChainError, RoundError, StorageError, TrainingError
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.store_blobs import StoreBlobs
from trainer.documents.fetching import fetch_document, of_others
from trainer.documents.terms_document import TermsDocument
from trainer.participant.invitations import invitation_proof
from trainer.participant.training_offers import require_offers
from trainer.protocol.round_state import RoundState, phase_at
from trainer.readiness.points import Checklist, Unseen
from trainer.training.client import Training
from trainer.types import Phase

__all__ = ["ChainPoints", "clock_text"]

_GAS_OF_A_ROUND = 200_000  # enrol, commit and reveal; tests/snapshots/gas.json
_GAS_UNDER_STAKE = 1_200_000  # and lock, vouch and certify; tests/snapshots/stake_gas.json
_OLDEST_BLOCK = 300  # seconds
_ETHER = 10**18
_SAMPLE = b"tallystick: a participant's storage takes this and gives it back\n"


@final
class ChainPoints:
    """Looks at what lies outside, for one account and one model; sends no transaction.

    Args:
        client: of the account.
        name: the model's.
        rounds: how many are to be taken part in.
        stake: the most that may be locked in one; 0: no rounds under stake.
        pays_gas: whether this account sends its transactions itself, without a mailbox.
        max_fee: the most wei per gas that is offered; None: the chain's usual one.
    """

    def __init__(
        self,
        client: RegistryClient,
        name: str,
        *,
        rounds: int = 1,
        stake: int = 0,
        pays_gas: bool = True,
        max_fee: int | None = None,
    ) -> None:
        self._client, self._name, self._rounds = client, name, rounds
        self._stake, self._pays_gas, self._max_fee = stake, pays_gas, max_fee
        self._board, self._blobs = RegistryBoard(client), StoreBlobs(client.connection.store)
        self._clock = ChainClock.of(client)

    def look(self, points: Checklist) -> None:
        """Looks at network, clock, storage and funds, in this order."""
        looks: list[tuple[str, Callable[[], str]]] = [
            ("network", self._network),
            ("clock", self._time),
            ("storage", self._storage),
            ("funds", self._funds),
        ]
        for name, check in looks:
            points.look(name, check)

    def look_at_rounds(self, points: Checklist, training: Training | None) -> None:
        """Looks at whether the open round invites this account, and asks for what it can do."""
        points.look("invitation", self._invitation)
        points.look("terms", lambda: self._terms(training))

    def _network(self) -> str:
        gateway, began = self._client.connection.gateway, time.monotonic()
        number = gateway.block_number()
        took = (time.monotonic() - began) * 1_000
        registry = self._client.connection.deployment.address("ModelRegistry")
        return f"chain {gateway.chain_id}, block {number} in {took:.0f} ms, registry {registry}"

    def _time(self) -> str:
        gateway = self._client.connection.gateway
        return clock_text(gateway.chain_id, gateway.timestamp(), time.time())

    def _storage(self) -> str:
        digest = self._blobs.put_bytes(_SAMPLE)
        if self._blobs.get_bytes(digest, len(_SAMPLE)) != _SAMPLE:
            raise StorageError("storage gives back other bytes than it took; use another one")
        return "takes a document and gives it back"

    def _funds(self) -> str:
        connection, me = self._client.connection, self._client.connection.account
        if not self._pays_gas:
            return f"{me}: the coordinator pays for what is handed in to its mailbox"
        gas = _GAS_UNDER_STAKE if self._stake else _GAS_OF_A_ROUND
        needed = self._rounds * gas * suggest(connection.gateway, self._max_fee).max_fee
        there = connection.gateway.balance(me)
        if there < needed:
            local = connection.gateway.chain_id in LOCAL_CHAINS
            remedy = f"tally account fund {me}" if local else "send it the difference"
            raise RoundError(
                f"expected {_ether(needed)} ether on {me} for the fees of {self._rounds} rounds, "
                f"got {_ether(there)}; {remedy}"
            )
        told = f"{me} has {_ether(there)} ether; {self._rounds} rounds cost at most "
        return f"{told}{_ether(needed)}"

    def _open_round(self) -> RoundState:
        """Returns the newest round in which seats are taken now.

        Raises:
            Unseen: there is none.
        """
        model_id = self._client.model(self._name).model_id
        with self._board.look():
            states = [self._board.state(r) for r in self._board.rounds_of(model_id)]
        now = self._clock.now()
        for state in reversed(states):
            if phase_at(state, now) is Phase.ENROLMENT:
                return state
        raise Unseen("no round takes participants now: seen when one opens")

    def _document(self, state: RoundState) -> TermsDocument:
        with of_others(state, "terms document"):
            return fetch_document(self._blobs, state.terms)

    def _invitation(self) -> str:
        state, me = self._open_round(), self._client.connection.account
        number, left = state.number, state.terms.enrolment_deadline - self._clock.now()
        if me in state.enrolled:
            return f"{me} has a seat in round {number} already"
        if invitation_proof(self._blobs, state, self._document(state), me) is None:
            raise RoundError(
                f"round {number} invites others: {me} is not on its allow-list; ask its "
                f"coordinator, {state.coordinator}, or wait for another round"
            )
        taken, seats = state.seats, state.terms.maximum_participants
        who = "anyone" if not any(state.terms.allow_list_root) else me
        return f"round {number} invites {who}: {taken} of {seats} seats taken, open for {left} s"

    def _terms(self, training: Training | None) -> str:
        state = self._open_round()
        document = self._document(state)
        if training is None:
            raise Unseen("needs a client")
        require_offers(training, document)
        staked = self._client.state().staked_rounds.rounds.get(state.round_id)
        told = f"round {state.number} asks for {document.strategy} with {document.plan.optimizer}"
        if staked is None:
            return told
        asked, token = staked.stakes.participant_stake, staked.stakes.token
        if asked > self._stake:
            raise TrainingError(
                f"round {state.number} asks for a stake of {asked} of {token}, and at most "
                f"{self._stake} may be locked: allow it with --stake {asked}"
            )
        free = self._client.stakes.of(token=token).free
        if free < asked:
            raise TrainingError(
                f"round {state.number} asks for a stake of {asked}, and {free} of {token} is free; "
                f"tally stake deposit {asked - free}"
            )
        return f"{told}, and for a stake of {asked}"


def clock_text(chain_id: int, block_time: int, now: float) -> str:
    """Returns in words how a machine's clock and a chain's newest block go together.

    Args:
        chain_id: on a chain of one's own nothing is wrong: its time may be turned.
        block_time: of the newest block, in seconds since 1970.
        now: the machine's.

    Raises:
        ChainError: they are more than five minutes apart.
    """
    apart = round(now) - block_time
    told = f"the newest block is {abs(apart)} s {'behind' if apart >= 0 else 'ahead of'} this "
    told += "machine's clock"
    if chain_id not in LOCAL_CHAINS and abs(apart) > _OLDEST_BLOCK:
        raise ChainError(
            f"expected a block of the last {_OLDEST_BLOCK} s, {told}; set the clock (compare date "
            "-u), or use a node that is in step"
        )
    return told


def _ether(wei: int) -> str:
    return f"{wei / _ETHER:.6g}"
