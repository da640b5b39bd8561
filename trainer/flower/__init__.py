"""Flower, both ways: our rules inside a Flower app, and a Flower app that is audited and paid.

* `LatticeStrategy` with `lattice_mod`: our strategies and aggregators in a ServerApp, no chain.
* `audited` with `signing_mod`: an app as it is, whose rounds become rounds on the chain.
* `client_apps`: a ClientApp as it is takes part in rounds, without a Flower server.

Only this package knows Flower, and nothing in the project needs it.

`lattice_strategy` is the first, with `rules` for Flower's own strategies; `audited` the second,
with `round_options` and `chain_rounds` on the chain, `signing` at the nodes, `wire` between them
and `environment` for places and keys. `records` and `numpy_arrays` read what nodes send.
"""

from __future__ import annotations

try:
    import flwr as _flwr
except ModuleNotFoundError as error:  # pragma: no cover - what is tested has Flower
    raise ModuleNotFoundError(
        "trainer.flower needs Flower: pip install 'tallystick[flower]'"
    ) from error

from trainer.flower.audited import AuditedStrategy, audited
from trainer.flower.lattice_mod import lattice_mod
from trainer.flower.lattice_strategy import LatticeStrategy
from trainer.flower.round_options import RoundOptions
from trainer.flower.rules import DerivedRules, rules_of
from trainer.flower.signing import signing_mod

__all__ = [
    "AuditedStrategy",
    "DerivedRules",
    "LatticeStrategy",
    "RoundOptions",
    "audited",
    "lattice_mod",
    "rules_of",
    "signing_mod",
]

del _flwr
