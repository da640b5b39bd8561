"""SCAFFOLD: control variates that take the drift of unlike data out of local training.

Karimireddy, Kale, Mohri, Reddi, Stich, Suresh: "SCAFFOLD: Stochastic Controlled Averaging for
Federated Learning", ICML 2020, algorithm 1 with option II. With K local steps of rate η, a
participant's control becomes `cᵢ⁺ = cᵢ − c − Δᵢ/(Kη)`. Everybody takes the same K, so the mean of
the changes follows from the mean of the updates: `mean(cᵢ⁺ − cᵢ) = −c − Δ/(Kη)`, and nobody has to
send a second vector. Participants compute with the update that they put on the lattice, so server
and participants agree to the last bit of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import torch

from registry.errors import AggregationError, ConfigError
from trainer.plan.decimals import decimal
from trainer.strategies.base import ServerMemory, ServerState, load_state
from trainer.strategies.blockwise import stepped
from trainer.strategies.client_needs import ClientNeeds
from trainer.strategies.weighting import PLAIN, EqualCounts, UpdateWeights, WeightingScheme
from trainer.types import FloatVector, IntVector, Lattice
from trainer.vectors.layout import Layout

__all__ = ["CONTROL_VARIATE", "Scaffold", "client_control_variate"]

CONTROL_VARIATE = "drift"
"""The name of what the server remembers: c · Kη, the drift of K steps; in units of parameters."""


@final
@dataclass(frozen=True)
class Scaffold:
    """new = base + η_g·Δ; drift ← drift + |S|/N · (−drift − Δ).

    The control is kept as `d = c · Kη`, so that the server needs neither K nor η.

    Args:
        participants: N, how many there are in all; a natural number.
        learning_rate: η_g, 0 to 1000.

    Raises:
        ConfigError: out of range.
    """

    client_needs: ClassVar[ClientNeeds] = ClientNeeds(
        plain_sgd="its control variates are means of plain SGD's gradients", control_variates=True
    )

    participants: str
    learning_rate: str = "1"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        found = decimal("scaffold: participants", self.participants, 1, 2**32)
        if not found.is_integer():
            raise ConfigError(
                f"scaffold: expected participants to be a natural number, got {self.participants}"
            )
        decimal("scaffold: learning_rate", self.learning_rate, 0, 1000)

    @property
    def name(self) -> str:
        """Returns "scaffold"."""
        return "scaffold"

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns the drift."""
        return (CONTROL_VARIATE,)

    @property
    def weighting(self) -> WeightingScheme:
        """Returns one for each."""
        return EqualCounts()

    def init(
        self,
        base: Mapping[str, torch.Tensor],
        layout: Layout,
        lattice: Lattice,
        memory: ServerMemory | None = None,
    ) -> ServerState:
        """Returns the state at the base version."""
        found = load_state(self.name, self.state_names, layout, memory)
        return ServerState(dict(base), layout, lattice, found)

    def apply(
        self, state: ServerState, aggregate: IntVector, weighing: UpdateWeights = PLAIN
    ) -> ServerState:
        """Returns the state after a round.

        Raises:
            AggregationError: another length or type, more updates than participants, or an
                overflow of a tensor's type.
        """
        count, everybody = len(weighing.weights), int(float(self.participants))
        if count > everybody:
            raise AggregationError(
                f"scaffold: expected at most {everybody} participants, got {count}; "
                "open rounds with the number of all that may take part"
            )
        share, rate = count / everybody, float(self.learning_rate)

        def step(
            memory: ServerMemory, delta: FloatVector
        ) -> tuple[FloatVector, dict[str, FloatVector]]:
            before = memory[CONTROL_VARIATE]
            return rate * delta, {CONTROL_VARIATE: before + share * (-before - delta)}

        return stepped(state, aggregate, step)


def client_control_variate(
    own: FloatVector, shared: FloatVector, delta: FloatVector
) -> FloatVector:
    """Returns a participant's control after a round, `dᵢ − d − Δᵢ`, in units of parameters.

    Args:
        own: dᵢ, its control before; zeros at first.
        shared: d, the server's at the base version.
        delta: Δᵢ, its update in real numbers.
    """
    return own - shared - delta
