"""When batches are posted, and when a participant stops waiting for one.

The terms fix deadlines only, so everything is counted back from them. Whoever is not in a batch by
`enrol` still has time to enrol and commit directly; whoever got no receipt for its opening by
`reveal` still has time to reveal by proof, and does so before the coordinator posts what it has.
"""

from __future__ import annotations

from dataclasses import dataclass

from trainer.types import RoundTerms

__all__ = ["BatchSchedule"]


@dataclass(frozen=True)
class BatchSchedule:
    """The moments of one round, in seconds since 1970.

    Args:
        post: when the coordinator posts the commitments that have come, though seats are left.
        enrol: when a participant that is in no batch enrols.
        reveal: when a participant without a receipt for its opening reveals by proof.
        post_reveals: when the coordinator posts the openings that have come, though some lack.
        reveal_at_last: when a participant with a receipt reveals by proof all the same.
    """

    post: tuple[int, int, int]
    enrol: int
    reveal: int
    post_reveals: int
    reveal_at_last: int

    @classmethod
    def of(cls, terms: RoundTerms) -> BatchSchedule:
        """Returns the moments that a round's deadlines give."""
        enrolment, commit, reveal, _ = terms.deadlines
        committing, revealing = commit - enrolment, reveal - commit
        return cls(
            # The first before `enrol`, so that whoever it holds needn't enrol.
            post=(enrolment - committing // 2, commit - committing // 2, commit - committing // 8),
            enrol=enrolment - committing // 4,
            # Each halves the time that is left: proofs of those without a receipt, the posting,
            # proofs of those whom it left out.
            reveal=reveal - revealing // 2,
            post_reveals=reveal - revealing // 4,
            reveal_at_last=reveal - revealing // 8,
        )

    def posts_due(self, now: int) -> int:
        """Returns how many of the moments in `post` have come."""
        return sum(moment <= now for moment in self.post)

    def next(self, now: int, until: int) -> int:
        """Returns the first moment after `now`, or `until` if none comes before it."""
        moments = (*self.post, self.enrol, self.reveal, self.post_reveals, self.reveal_at_last)
        return min([until, *(moment for moment in moments if moment > now)])
