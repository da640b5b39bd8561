"""A participant's side of SCAFFOLD: its own control, kept from round to round.

The control after a round lies in that round's folder, so a participant that is stopped anywhere
finds the one of the newest round whose version counts it, and none from a round that came to
nothing (`trainer.strategies.scaffold`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch

from registry.errors import ConfigError
from trainer.parameters import Layout
from trainer.plan import LocalPlan
from trainer.ports import RoundBoard
from trainer.rounds import RoundState
from trainer.strategies import CONTROL, Memory, own_control
from trainer.tensor_files import load_safetensors, save_safetensors

__all__ = ["Controls"]

_FILE = "control.safetensors"
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Controls:
    """The two controls that a round begins with, in units of parameters, shape (n,).

    Args:
        own: the participant's.
        shared: the server's, at the base version.
        folder: of this round.
    """

    own: Vector
    shared: Vector
    folder: Path

    @classmethod
    def of(
        cls, board: RoundBoard, state: RoundState, work: Path, memory: Memory, layout: Layout
    ) -> Self:
        """Finds both; zeros before the first round.

        Args:
            board: seen by the participant's account.
            state: of this round.
            work: the participant's folder.
            memory: of the base version.
            layout: of the vectors.

        Raises:
            ConfigError: a kept control that isn't of this layout.
        """
        zeros = np.zeros(layout.length)
        own = _newest(board, state, work)
        shared = memory.get(CONTROL, zeros)
        found = zeros if own is None else own
        if found.shape != zeros.shape or shared.shape != zeros.shape:
            raise ConfigError(
                f"{work}: expected controls of {layout.length} values, got {found.size} and "
                f"{shared.size}; the same tensors have to be trained in every round"
            )
        return cls(found, shared, work / state.round_id.hex())

    def correction(self, plan: LocalPlan) -> Vector:
        """Returns what is added to every local gradient, `c − cᵢ`."""
        return (self.shared - self.own) / (plan.steps * float(plan.learning_rate))

    def keep(self, delta: Vector) -> None:
        """Keeps the control after this round.

        Args:
            delta: the update as it was put on the lattice, in real numbers.
        """
        after = torch.from_numpy(own_control(self.own, self.shared, delta))
        partial = self.folder / f"{_FILE}.partial"
        save_safetensors({CONTROL: after}, partial)
        partial.replace(self.folder / _FILE)


def _newest(board: RoundBoard, state: RoundState, work: Path) -> Vector | None:
    for round_id in reversed(board.rounds_of(state.terms.model_id)):
        path = work / round_id.hex() / _FILE
        if round_id == state.round_id or not path.exists():
            continue
        found = board.state(round_id)
        if found.finalised and board.account in found.reveals:
            kept: Vector = load_safetensors(path)[CONTROL].numpy()
            return kept
    return None
