"""What has to come before a hidden round's sum, whoever does it (H-6, H-7).

Whoever has the chain freezes groups, opens secrets that posted shares give, and gives groups up;
whoever makes the sum only has a reason to.
"""

from __future__ import annotations

from trainer.privacy.hidden_actions import recoverable
from trainer.privacy.hidden_board import HiddenBoard
from trainer.privacy.hidden_state import HiddenState
from trainer.protocol.actions import RoundStep

__all__ = ["open_recovered", "take_summing_step"]


def take_summing_step(board: HiddenBoard, hidden: HiddenState, step: RoundStep, now: int) -> None:
    """Takes a step that `summing_action` asks for.

    Args:
        board: seen by the account that acts.
        hidden: the round.
        step: another than waiting or leaving.
        now: seconds since 1970.

    Raises:
        RoundError: the board refused.
    """
    round_id, groups = hidden.domain.round_id, range(len(hidden.graph.groups))
    match step:
        case RoundStep.FREEZE:
            board.freeze(round_id, next(g for g in groups if g not in hidden.frozen))
        case RoundStep.STRAND:
            late = now >= hidden.schedule.unmask_deadline
            undecided = (g for g in groups if g not in hidden.stranded and not hidden.is_open(g))
            lost = next(g for g in undecided if late or not hidden.is_opening(g))
            board.strand(round_id, lost)
        case _:
            for group in groups:
                open_recovered(board, hidden, group)


def open_recovered(board: HiddenBoard, hidden: HiddenState, group: int) -> None:
    """Opens what posted shares of a group's members give.

    Args:
        board: seen by the account that acts.
        hidden: the round.
        group: a number.

    Raises:
        RoundError: the board refused.
    """
    for member, secret in recoverable(hidden, group).items():
        kind = hidden.kind_of(member)
        assert kind is not None  # noqa: S101  (its group is frozen)
        board.open_secret(hidden.domain.round_id, member, kind, secret)
