"""Evaluations on the chain: panels, what K of N attest of a proposal, appeals (F-11, F-12)."""

from __future__ import annotations

from collections.abc import Sequence

from registry.addresses import ZERO_ADDRESS, address_order
from registry.chain.bindings import evaluations as contracts
from registry.chain.bindings.structs import Attestation
from registry.documents.attestations import SignedAttestation
from registry.errors import ConfigError, RoundError
from registry.index import DecisionRecord, PanelRecord, StakedRoundRecord
from registry.signing import AttestationStatement, Domain, Signer, evaluations_domain
from registry.types import RoundId
from registry.usecases.connection import Connection
from registry.usecases.staked_rounds import find_staked_round

__all__ = ["Evaluations"]


class Evaluations:
    """What evaluators, and those who doubt them, do; sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _contract(self) -> contracts.Evaluations:
        return self._connection.chain.evaluations

    @property
    def address(self) -> str:
        """The contract, which stake terms name."""
        return self._contract.address

    @property
    def domain(self) -> Domain:
        """What signatures are good for."""
        return evaluations_domain(self._connection.gateway.chain_id, self.address)

    def create_panel(
        self,
        members: Sequence[str],
        threshold: int,
        governor: str = ZERO_ADDRESS,
        appeal_window: int = 0,
    ) -> PanelRecord:
        """Creates a panel, unless there is the same, and returns it.

        Args:
            members: 1 to 64 addresses, in any order.
            threshold: how many have to agree.
            governor: rules on appeals; the zero address for nobody.
            appeal_window: in seconds; 0 without a governor.

        Raises:
            Reverted: a size, a threshold or a window that doesn't fit.
            ConfigError: the panel was created, and the events don't tell of it.
        """
        order = tuple(sorted(members, key=address_order))
        wanted = order, threshold, governor, appeal_window
        for _ in range(2):
            for panel in self._connection.state().evaluations.panels.values():
                found = panel.members, panel.threshold, panel.governor, panel.appeal_window
                if found == wanted:
                    return panel
            self._contract.create_panel(order, threshold, governor, appeal_window).send()
        raise ConfigError("the panel was created but is not in the events")

    def panel(self, panel: bytes) -> PanelRecord:
        """Returns a panel.

        Raises:
            ConfigError: there is none of that id.
        """
        found = self._connection.state().evaluations.panels.get(panel)
        if found is None:
            raise ConfigError(f"no panel 0x{panel.hex()}")
        return found

    def decision(self, round_id: RoundId) -> DecisionRecord | None:
        """Returns what was decided of the newest proposal; None before."""
        record = find_staked_round(self._connection, round_id)
        return self._connection.state().evaluations.of(round_id, len(record.proposals))

    def sign(self, signer: Signer, statement: AttestationStatement) -> SignedAttestation:
        """Returns an evaluator's attestation, signed for this contract."""
        signature = signer.sign_typed(self.domain, statement)
        return SignedAttestation(signer.address, statement, signature)

    def attest(self, signed: Sequence[SignedAttestation]) -> DecisionRecord:
        """Hands in what evaluators signed about one round, once; returns what that decides.

        Raises:
            ConfigError: attestations that differ, or none.
            RoundError: no proposal stands.
            Reverted: too few of the panel's members, or it was decided already.
        """
        statements = {attestation.statement for attestation in signed}
        if len(statements) != 1:
            raise ConfigError(
                f"expected attestations that agree, got {len(statements)} different ones"
            )
        (found,) = statements
        record = find_staked_round(self._connection, found.round_id)
        if record.standing is None:
            raise RoundError("no proposal stands that could be attested")
        order = sorted(signed, key=lambda attestation: address_order(attestation.evaluator))
        known = self.decision(found.round_id)
        if known is not None and set(known.signers) == {one.evaluator for one in order}:
            return known
        self._contract.attest(
            found.round_id,
            record.stakes,
            record.standing.proposal,
            Attestation(*found.values()),
            [attestation.evaluator for attestation in order],
            [attestation.signature for attestation in order],
        ).send()
        decision = self.decision(found.round_id)
        if decision is None:
            raise RoundError("the decision isn't in the events")
        return decision

    def appeal(self, round_id: RoundId) -> None:
        """Appeals to the governor under the round's bond, unless this account did."""
        decision = self.decision(round_id)
        if decision is None or decision.appellant != self._connection.account:
            self._contract.appeal(round_id, self._record(round_id).stakes).send()

    def rule(self, round_id: RoundId, right: bool) -> None:
        """Rules on an appeal; the governor only."""
        self._contract.rule(round_id, self._record(round_id).stakes, right).send()

    def enforce_decision(self, round_id: RoundId) -> None:
        """Rejects a proposal that was found wrong, once no appeal is open. Anyone may."""
        self._contract.enforce_decision(round_id, self._record(round_id).stakes).send()

    def lapse_appeal(self, round_id: RoundId, proposal: int) -> None:
        """Frees an appellant's bond: its proposal was rejected otherwise, or the round is over."""
        self._contract.lapse_appeal(round_id, self._record(round_id).stakes, proposal).send()

    def _record(self, round_id: RoundId) -> StakedRoundRecord:
        return find_staked_round(self._connection, round_id)
