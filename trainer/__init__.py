"""Federated training whose every result can be worked out again, to the last bit.

A round has terms that are fixed when it opens. Participants enrol, train a PyTorch model on data
that stay with them, and put the difference of parameters onto an integer lattice. They commit to
its hash before anyone reveals. A coordinator checks each revealed update at the door, combines
them in exact integer arithmetic, and proposes a version whose bytes are a pure function of base,
terms and updates: anybody who doubts it runs `trainer.execution.execute` and compares.

From the ground up, each room knowing only those below it (`lint-imports` holds it):

* `types`, `errors`, `plan`, `kernels`: what everyone knows, and the loops in C; `data`, `models`:
  the sets and networks of examples and demonstrations;
* `vectors`: tensors as one vector of integers; `privacy`: their sums under masks; `protocol`: a
  round as a pure machine; `ports`: boards, storage and clocks as rounds see them;
* `aggregation`, `strategies`, `transforms`, `scoring`: the rules; `pacing`: how loops wait;
  `training`: what people write, a `Client` with four verbs or a torch module, and what happens to
  their data;
* `documents`: what is stored and named by digest; `execution`: what a round comes to;
* `batches`, `coordinator`, `participant`, `staked`, `gossip`: who acts; `adapters` fill the ports;
* `readiness`: whether somebody could take part, before a seat is taken;
* `engines`, `flower`, `fine_tuning`, `reporting`, `research`, `cli`, `demo`: ways to run it;
  `example`: a federation to try.

Example: a vector on a lattice of 8 bits and steps of 1/16, and back.
    >>> import numpy as np
    >>> from trainer import Lattice, quantize
    >>> lattice = Lattice(bits=8, step_exponent=-4)
    >>> quantize(np.array([0.5, -0.125, 99.0]), lattice).tolist()
    [8, -2, 127]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.coordinator.coordinator import Coordinator, RoundResult
    from trainer.coordinator.federation_options import FederationOptions
    from trainer.documents.terms_document import TermsDocument
    from trainer.errors import Reason, UpdateRefused
    from trainer.participant.participant import Participant
    from trainer.training.client import Client, client_training, module_training
    from trainer.training.local_training import LocalPlan, LocalResult, local_train
    from trainer.types import Lattice, Phase, RoundTerms
    from trainer.vectors.lattice import quantize

__all__ = [
    "Client",
    "Coordinator",
    "FederationOptions",
    "Lattice",
    "LocalPlan",
    "LocalResult",
    "Participant",
    "Phase",
    "Reason",
    "RoundResult",
    "RoundTerms",
    "TermsDocument",
    "UpdateRefused",
    "client_training",
    "local_train",
    "module_training",
    "quantize",
]

_HOMES = {
    "Client": "trainer.training.client",
    "Coordinator": "trainer.coordinator.coordinator",
    "FederationOptions": "trainer.coordinator.federation_options",
    "Lattice": "trainer.types",
    "LocalPlan": "trainer.training.local_training",
    "LocalResult": "trainer.training.local_training",
    "Participant": "trainer.participant.participant",
    "Phase": "trainer.types",
    "Reason": "trainer.errors",
    "RoundResult": "trainer.coordinator.coordinator",
    "RoundTerms": "trainer.types",
    "TermsDocument": "trainer.documents.terms_document",
    "UpdateRefused": "trainer.errors",
    "client_training": "trainer.training.client",
    "local_train": "trainer.training.local_training",
    "module_training": "trainer.training.client",
    "quantize": "trainer.vectors.lattice",
}


def __getattr__(name: str) -> object:
    """Imports what is asked for: torch takes seconds, and not every room needs it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
