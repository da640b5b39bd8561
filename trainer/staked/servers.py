"""Which strategies run under stake, and what a round of each trains on (F-13, F-15).

`fedavg` trains on weights alone. A server's momentum goes into the base's root beside them, so that
its step is proved as sums are. What adaptive strategies come to only evaluators can say (F-11).
"""

from __future__ import annotations

import struct
from pathlib import Path

from registry.errors import ConfigError
from registry.fraud_proofs.server_steps import Server, ServerStep
from trainer.documents.terms_document import TermsDocument
from trainer.execution.memory_roots import momenta_of
from trainer.execution.version_roots import Weights
from trainer.strategies import Strategy, strategy
from trainer.strategies.adaptive import AdaptiveOptimizer
from trainer.strategies.diloco import DiLoCo
from trainer.strategies.fedavg import FedAvg
from trainer.strategies.fedavgm import FedAvgM

__all__ = ["base_root", "require_judged", "server_of", "step_of"]


def step_of(document: TermsDocument) -> ServerStep:
    """Returns how a document's server makes its step under stake.

    Raises:
        ConfigError: a strategy that weighs or groups updates in its own way, which the tree of the
            sums doesn't.
    """
    return _step(_rule(document))


def _rule(document: TermsDocument) -> Strategy:
    return strategy(document.strategy, document.strategy_parameters)


def _step(rule: Strategy) -> ServerStep:
    match rule:
        case FedAvg():
            return ServerStep.NONE
        case FedAvgM():
            return ServerStep.FEDAVGM
        case DiLoCo():
            return ServerStep.DILOCO
        case AdaptiveOptimizer():
            return ServerStep.EVALUATED
        case _:
            raise ConfigError(
                f"strategy {rule.name}: isn't for rounds under stake, whose sums weigh "
                "each update as it was revealed; expected fedavg, fedavgm or diloco, or with a "
                "panel fedadagrad, fedadam or fedyogi"
            )


def require_judged(rule: Strategy, panel: bool) -> ServerStep:
    """Returns a strategy's step if something under stake judges it.

    Args:
        rule: the strategy.
        panel: whether evaluators attest the result.

    Raises:
        ConfigError: as `step_of`, or a strategy that evaluators alone can judge without them.
    """
    step = _step(rule)
    if step == ServerStep.EVALUATED and not panel:
        raise ConfigError(
            f"strategy {rule.name}: no contract computes its step, so under stake only "
            "evaluators can judge it: name their panel with --panel"
        )
    return step


def server_of(document: TermsDocument, weights: Weights, folder: Path) -> Server | None:
    """Returns what a round trains on; None if it is the weights alone.

    Args:
        document: the round's.
        weights: the base version's.
        folder: the base version's; the momentum is read from it where a contract computes one.

    Raises:
        ConfigError: as `step_of`, or a base that remembers something else than a momentum.
    """
    rule = _rule(document)
    step = _step(rule)
    if step == ServerStep.NONE:
        return None
    if not isinstance(rule, FedAvgM | DiLoCo):
        return Server(step, 0, 0, weights.root(), bytes(32))
    momenta = momenta_of(folder, weights.length).root()
    numbers = _bits(rule.momentum), _bits(rule.learning_rate)
    return Server(step, *numbers, weights.root(), momenta)


def base_root(document: TermsDocument, weights: Weights, folder: Path) -> bytes:
    """Returns what stake terms name as the root of a base, 32 bytes.

    Raises:
        ConfigError: as `server_of`.
    """
    server = server_of(document, weights, folder)
    return weights.root() if server is None else server.root


def _bits(text: str) -> int:
    """Returns the bits of the binary64 that the strategy computes with."""
    return int.from_bytes(struct.pack(">d", float(text)), "big")
