"""Federated training whose every result can be worked out again, to the last bit.

A round has terms that are fixed when it opens. Participants enrol, train a PyTorch model on data
that stay with them, and put the difference of parameters onto an integer lattice. They commit to
its hash before anyone reveals. A coordinator checks each revealed update at the door, combines
them in exact integer arithmetic, and proposes a version whose bytes are a pure function of base,
terms and updates: anybody who doubts it runs `trainer.execution.execute` and compares.

* pure: `types`, `lattice`, `commitments`, `parameters`, `aggregation`, `strategies`, `scoring`,
  `execution`, `rounds`, `actions`.
* what people write: a `Client` with four verbs, or a torch module and a data set.
* who acts: `Participant` and `Coordinator`, over the ports `RoundBoard`, `BlobStore` and `Clock`.

Example: a vector on a lattice of 8 bits and steps of 1/16, and back.
    >>> import numpy as np
    >>> lattice = Lattice(bits=8, step_exponent=-4)
    >>> quantise(np.array([0.5, -0.125, 99.0]), lattice).tolist()
    [8, -2, 127]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainer.client import Client, client_training, module_training
    from trainer.coordinator import Coordinator, RoundResult
    from trainer.errors import Reason, UpdateRefused
    from trainer.federation import FederationOptions
    from trainer.lattice import quantise
    from trainer.local import LocalPlan, LocalResult, local_train
    from trainer.participant import Participant
    from trainer.terms_document import TermsDocument
    from trainer.types import Lattice, Phase, RoundTerms

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
    "quantise",
]

_HOMES = {
    "Client": "trainer.client",
    "Coordinator": "trainer.coordinator",
    "FederationOptions": "trainer.federation",
    "Lattice": "trainer.types",
    "LocalPlan": "trainer.local",
    "LocalResult": "trainer.local",
    "Participant": "trainer.participant",
    "Phase": "trainer.types",
    "Reason": "trainer.errors",
    "RoundResult": "trainer.coordinator",
    "RoundTerms": "trainer.types",
    "TermsDocument": "trainer.terms_document",
    "UpdateRefused": "trainer.errors",
    "client_training": "trainer.client",
    "local_train": "trainer.local",
    "module_training": "trainer.client",
    "quantise": "trainer.lattice",
}


def __getattr__(name: str) -> object:
    """Imports what is asked for: torch takes seconds, and not every room needs it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
