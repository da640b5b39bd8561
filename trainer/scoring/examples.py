"""Scores by examples: what a participant is worth is the weight that it trained on."""

from __future__ import annotations

from collections.abc import Sequence

from trainer.types import AcceptedUpdate

__all__ = ["score_by_examples"]


def score_by_examples(updates: Sequence[AcceptedUpdate]) -> dict[str, int]:
    """Returns each participant's weight as its score.

    The weight is the participant's own claim; the terms' cap bounds what a lie can gain (T-29).
    """
    return {update.participant: update.weight for update in updates}
