"""Certificates of availability on the chain: what holders vouch for, and who answers (F-16)."""

from __future__ import annotations

from collections.abc import Collection

from registry.addresses import address_order
from registry.chain.bindings import availability as contracts
from registry.errors import ConfigError
from registry.fraud_proofs.stake_terms import Proposal
from registry.index import StakedRoundRecord
from registry.index.staked_rounds import has_bit
from registry.types import RoundId
from registry.usecases.connection import Connection
from registry.usecases.staked_rounds import find_staked_round

__all__ = ["Availability", "bitmap_of", "certifiable"]


def bitmap_of(record: StakedRoundRecord, participants: Collection[str]) -> tuple[int, ...]:
    """Returns the bitmap of some participants' seats: words of 256 bits, as contracts take it.

    Args:
        record: the round; its seats are final once enrolment is over.
        participants: addresses with a seat.
    """
    bitmap = [0] * -(-len(record.seats) // 256)
    for participant in participants:
        word, bit = divmod(record.seats[participant], 256)
        bitmap[word] |= 1 << bit
    return tuple(bitmap)


def certifiable(record: StakedRoundRecord) -> tuple[str, ...]:
    """Returns whose vouches give a certificate that adds something, ascending; empty if none do."""
    signing = record.signers
    may = [who for who in record.vouched if who in signing and who not in record.burnt]
    holders = sorted((w for w in may if w not in record.slashed), key=address_order)
    for participant, seat in record.seats.items():
        held = sum(has_bit(record.vouched[who], seat) for who in holders)
        if held >= record.stakes.quorum and not record.is_certified(participant):
            return tuple(holders)
    return ()


class Availability:
    """What holders do, and whoever hands their vouches in; sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _contract(self) -> contracts.Availability:
        return self._connection.chain.availability

    def _record(self, round_id: RoundId) -> StakedRoundRecord:
        return find_staked_round(self._connection, round_id)

    def vouch_for_updates(self, round_id: RoundId, participants: Collection[str]) -> bool:
        """Says that this account holds some updates whole; returns whether that was new.

        Raises:
            Reverted: no seat that vouches, or certificates aren't taken now.
        """
        record = self._record(round_id)
        held = bitmap_of(record, participants)
        if record.vouched.get(self._connection.account) == held:
            return False
        self._contract.vouch_for_updates(round_id, record.stakes, held).send()
        return True

    def certify_updates(self, round_id: RoundId) -> bool:
        """Hands the vouches in that certify something new; returns whether there were enough.

        Raises:
            Reverted: too late, or somebody was faster.
        """
        record = self._record(round_id)
        holders = certifiable(record)
        if not holders:
            return False
        held = [record.vouched[holder] for holder in holders]
        vouches = holders, held, [b""] * len(holders)
        self._contract.certify_updates(round_id, record.stakes, *vouches).send()
        return True

    def vouch_for_result(self, round_id: RoundId, proposal: Proposal | None = None) -> bool:
        """Says that this account holds all that the standing proposal names; whether it was new.

        Args:
            round_id: 32 bytes.
            proposal: what was looked at; nothing is said of another that stands by now.

        Raises:
            Reverted: no seat that vouches, or another proposal stands since.
        """
        record = self._record(round_id)
        standing = record.standing
        if standing is None or self._connection.account in standing.vouchers:
            return False
        if proposal is not None and standing.proposal != proposal:
            return False
        self._contract.vouch_for_result(round_id, record.stakes, standing.number).send()
        return True

    def certify_result(self, round_id: RoundId) -> bool:
        """Hands in the vouches for the standing proposal; returns whether there were enough.

        Raises:
            Reverted: too late, or somebody was faster.
        """
        record = self._record(round_id)
        standing = record.standing
        if standing is None or standing.ends_at:
            return False
        may = [who for who in standing.vouchers if who in record.signers]
        holders = sorted((w for w in may if w not in record.burnt), key=address_order)
        if len(holders) < record.stakes.quorum:
            return False
        vouches = standing.number, holders, [b""] * len(holders)
        self._contract.certify_result(round_id, record.stakes, *vouches).send()
        return True

    def burn_for_update(self, round_id: RoundId, participant: str) -> list[str]:
        """Burns the stakes of who vouched for an update that nobody gave; returns whose.

        Raises:
            ConfigError: the participant wasn't slashed.
            Reverted: it wasn't for what it withheld, or the round is over.
        """
        record = self._record(round_id)
        if participant not in record.slashed:
            raise ConfigError(f"{participant} wasn't slashed in round 0x{round_id.hex()}")
        done, seat = [], record.seats[participant]
        for certificate in record.certificates:
            for position, holder in enumerate(certificate.holders):
                signed = certificate.holds(position, seat)
                if signed and record.has_stake(holder) and holder not in done:
                    self._contract.burn_for_update(
                        round_id,
                        record.stakes,
                        participant,
                        certificate.number,
                        certificate.holders,
                        certificate.held,
                        position,
                    ).send()
                    done.append(holder)
        return done

    def burn_for_result(self, round_id: RoundId) -> list[str]:
        """Burns the stakes of who vouched for a result that nobody gave; returns whose.

        Raises:
            Reverted: no proposal was rejected for that, or the round is over.
        """
        record = self._record(round_id)
        done: list[str] = []
        for proposal in (p for p in record.proposals if p.withheld):
            for position, holder in enumerate(proposal.holders):
                if record.has_stake(holder) and holder not in done:
                    vouches = proposal.number, proposal.holders, position
                    self._contract.burn_for_result(round_id, record.stakes, *vouches).send()
                    done.append(holder)
        return done
