"""Conducts several rounds of a model, one after another: the coordinator's outer loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

from registry.addresses import ZERO_ADDRESS
from registry.documents.allow_list import AllowList
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.coordinator.federation_options import FederationOptions
from trainer.coordinator.shortage import EmptyRounds
from trainer.documents.terms_document import TermsDocument
from trainer.ports import RoundBoard
from trainer.types import ZERO_WORD, Lattice, RoundTerms, least_forfeit

__all__ = ["Invitations", "RoundPlan", "conduct", "unfinished"]


@dataclass(frozen=True)
class Invitations:
    """Who may be invited, and the rule by which each round invites a part of them.

    Args:
        available: everybody who may be invited.
        options: how many of them a round needs.
        seed: of the draw; who knows it can draw again.
        eligible: returns who of them may be asked to a round that opens at a time; all without it.
        over_selection: how many are asked for each that is needed.
    """

    available: AllowList
    options: FederationOptions
    seed: int = 0
    eligible: Callable[[Iterable[str], int], list[str]] | None = None
    over_selection: Fraction = field(default_factory=lambda: Fraction(1))

    def to_round(self, number: int, now: int = 0) -> AllowList:
        """Returns who is invited to a round of a model, by its number and the time it opens at.

        Raises:
            TrainingError: fewer are available than the options ask for.
        """
        there: Iterable[str] = self.available.addresses
        if self.eligible is not None:
            there = self.eligible(there, now)
        return AllowList.of(self.options.sample(there, number, self.seed, self.over_selection))


@dataclass(frozen=True)
class RoundPlan:
    """What the rounds of one federation have in common. Times in seconds.

    Args:
        document: the terms document.
        lattice: how updates become integers.
        seats: the most participants; a round moves on as soon as all seats are done.
        minimum: the fewest revealed updates that make a result.
        invitations: who is invited to which round; anyone without.
        phase_seconds: the longest that enrolment, commit, reveal and proposal each take.
        challenge_window: between proposal and end.
        weight_cap: the largest weight of an update.
        token: the reward token; the zero address without budget and forfeit.
        budget: per round, in the token's smallest unit.
        forfeit: what each participant that revealed gets if nothing comes of a round although
            enough revealed; the least that the budget allows without it.
    """

    document: TermsDocument
    lattice: Lattice
    seats: int
    minimum: int
    invitations: Invitations | None = None
    phase_seconds: int = 600
    challenge_window: int = 3600
    weight_cap: int = 100_000
    token: str = ZERO_ADDRESS
    budget: int = 0
    forfeit: int | None = None

    def invited(self, number: int, now: int = 0) -> AllowList | None:
        """Returns the allow-list of a round that opens now, by its number; None for anyone."""
        return None if self.invitations is None else self.invitations.to_round(number, now)

    def terms(
        self, model_id: bytes, base_version: int, now: int, allow_list: AllowList | None = None
    ) -> tuple[RoundTerms, TermsDocument]:
        """Returns the terms, and their document, of a round that opens now."""
        step = self.phase_seconds
        listed = allow_list.digest if allow_list else None
        document = replace(self.document, allow_list=listed)
        seats = len(allow_list.addresses) if allow_list else self.seats
        forfeit = least_forfeit(self.budget, seats) if self.forfeit is None else self.forfeit
        terms = RoundTerms(
            model_id=model_id,
            base_version=base_version,
            strategy=document.strategy,
            document_digest=document.digest,
            lattice=self.lattice,
            enrolment_deadline=now + step,
            commit_deadline=now + 2 * step,
            reveal_deadline=now + 3 * step,
            proposal_deadline=now + 4 * step,
            challenge_window=self.challenge_window,
            minimum_participants=self.minimum,
            maximum_participants=seats,
            allow_list_root=allow_list.root if allow_list else ZERO_WORD,
            # What an update weighs is hidden in it; the chain counts each once.
            weight_cap=self.weight_cap if document.hidden is None else 1,
            reward_token=self.token if self.budget or forfeit else ZERO_ADDRESS,
            reward_budget=self.budget,
            forfeit=forfeit,
        )
        return terms, document


def conduct(
    coordinator: Coordinator,
    model_id: bytes,
    plan: RoundPlan,
    rounds: int,
    told: Callable[[int, RoundResult], None] = lambda number, result: None,
    run: Callable[[bytes], RoundResult] | None = None,
    resumed: Callable[[int], None] = lambda number: None,
    most_empty: int | None = None,
) -> list[RoundResult]:
    """Conducts rounds until so many have ended, each from the newest version.

    A round of this account's that is still open, from an earlier run or another coordinator, is
    finished first and isn't counted.

    Args:
        coordinator: acts on the board of its context, by its clock.
        model_id: what is trained.
        plan: what the rounds have in common.
        rounds: how many.
        told: called with each round's number and result.
        run: conducts an open round to its end; the coordinator alone does without it.
        resumed: called with the number of each round that was open before.
        most_empty: so many rounds in a row that find too few participants end it; None: none do.

    Raises:
        NoParticipants: so many did.
    """
    empty = EmptyRounds(most_empty)
    results: list[RoundResult] = []
    board, clock = coordinator.context.board, coordinator.context.clock
    while len(results) < rounds:
        left_over = round_id = unfinished(board, model_id)
        if round_id is None:
            newest = board.versions(model_id)[-1].number
            allow_list = plan.invited(len(board.rounds_of(model_id)) + 1, clock.now())
            terms, document = plan.terms(model_id, newest, clock.now(), allow_list)
            round_id = coordinator.open(terms, document, allow_list)
        else:
            resumed(board.state(round_id).number)
        result = (run or coordinator.run_round)(round_id)
        if left_over is None:
            results.append(result)
        told(board.state(round_id).number, result)
        empty.add(board.state(round_id))
    return results


def unfinished(board: RoundBoard, model_id: bytes) -> bytes | None:
    """Returns this account's round that has not ended, or ended without its version."""
    with board.look():
        published = {version.round_id for version in board.versions(model_id)}
        for round_id in board.rounds_of(model_id):
            state = board.state(round_id)
            ended = state.voided or (state.finalised and round_id in published)
            if state.coordinator == board.account and not ended:
                return round_id
    return None
