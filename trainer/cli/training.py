"""The options that say how a round is trained, combined and scored, and the document they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from trainer.cli.fitting import Fitted, given_steps
from trainer.cli.hiding import hidden_of
from trainer.cli.rules import chosen_rules, read_named
from trainer.documents.terms_document import TermsDocument
from trainer.plan.evaluation_terms import EvaluationTerms, evaluation_terms
from trainer.plan.training_plan import Declared, LocalPlan
from trainer.strategies import client_needs, strategy
from trainer.types import Lattice

__all__ = ["document_of", "plan_options", "training_options"]

_PLAN_OPTIONS = (
    click.option("--epochs", default=1, show_default=True, help="Local epochs."),
    click.option("--local-steps", default=0, help="Exactly so many local steps; epochs without."),
    click.option("--batch-size", default=32, show_default=True),
    click.option(
        "--optimizer",
        help="sgd, adam, adamw, rmsprop or adagrad, parameters behind a colon, as in "
        "sgd:momentum=0.9,weight_decay=0.0005; Adam without it, SGD where the strategy asks.",
    ),
    click.option("--learning-rate", default="0.001", show_default=True),
    click.option(
        "--learning-rate-decay",
        default="1",
        show_default=True,
        help="What the learning rate is multiplied by from round to round.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, 2**63 - 1),
        default=0,
        show_default=True,
        help="Of the order of examples; each round has one of its own that follows from it.",
    ),
    click.option("--bits", default=16, show_default=True, help="Lattice: 8, 16 or 32 bits."),
    click.option(
        "--step",
        default="auto",
        show_default=True,
        help="Lattice: the exponent of its step, as -14 for 2^-14; auto fits it to the base, and "
        "to a trial on --validation-set or on the engine's first shard.",
    ),
    click.option(
        "--scale",
        "scales",
        multiple=True,
        help="PATTERN=K: these tensors are in units 2^K times as large. May be repeated; "
        "--step auto gives running statistics their own.",
    ),
    click.option(
        "--saturation",
        default=1_000,
        show_default=True,
        help="How many of a million values of a tensor may be cut at the lattice's bounds.",
    ),
    click.option(
        "--tied",
        multiple=True,
        help="COPY=ORIGINAL: names of one tensor; found by itself in an architecture known here. "
        "May be repeated.",
    ),
    click.option("--proximal", default="0", show_default=True, help="Hold training to the base."),
    click.option(
        "--precision",
        type=click.Choice(["float32", "mixed"]),
        default="float32",
        show_default=True,
        help="mixed: bfloat16 where the accelerator has it.",
    ),
    click.option(
        "--parameters", multiple=True, help="Patterns of the tensors trained; all without."
    ),
    click.option(
        "--buffers",
        type=click.Choice(["keep", "average"]),
        default="average",
        show_default=True,
        help="Running statistics, where the model has such: averaged, or as the base has them.",
    ),
    click.option(
        "--transform",
        "transforms",
        multiple=True,
        help="What happens to updates before they are sent, in this order: clip:norm=, "
        "noise:deviation=, top_k:fraction=, quantize:levels=, error_feedback.",
    ),
)
_RULE_OPTIONS = (
    click.option(
        "--strategy",
        default="fedavg",
        show_default=True,
        help="The server's step: fedavg, fedavgm, fedadam, fedyogi, fedadagrad, diloco, fednova, "
        "qfedavg, fedbuff, scaffold or hierarchical; parameters behind a colon, as in "
        "fedadam:learning_rate=0.02.",
    ),
    click.option(
        "--aggregator",
        default="mean",
        show_default=True,
        help="What combines updates: mean, median, trimmed_mean, krum, bulyan, geometric_median, "
        "centred_clipping, norm_clipping, fltrust, foolsgold; nnm+ or bucketing+ in front; "
        "parameters behind a colon, as in nnm+krum:nnm.byzantine=2,byzantine=2.",
    ),
    click.option(
        "--scoring",
        type=click.Choice(["examples", "equal", "leave_one_out"]),
        help="What pays; leave_one_out with --validation-set, examples without.",
    ),
    click.option(
        "--screening",
        type=int,
        help="Leave out an update that alone raises the validation loss by more micro-nats.",
    ),
    click.option(
        "--fraction-evaluate",
        type=float,
        help="The part of the participants that evaluates the base version on data of its own, by "
        "its class's evaluate; 1 without it, 0 under stake or with --hidden.",
    ),
    click.option(
        "--min-evaluate-clients",
        default=2,
        show_default=True,
        help="The fewest evaluations that a round's result tells the mean of.",
    ),
)


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of plan and rules to a command."""
    for option in reversed(_RULE_OPTIONS):
        command = option(command)
    return plan_options(command)


def plan_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of what is trained locally to a command."""
    for option in reversed(_PLAN_OPTIONS):
        command = option(command)
    return command


def document_of(
    options: dict[str, Any], evaluation: bytes | None, fitted: Fitted | None = None
) -> tuple[TermsDocument, Lattice]:
    """Returns the terms document and the lattice that the options ask for.

    Args:
        options: by their names.
        evaluation: the digest of the validation set, if there is one.
        fitted: what was found of the base; None before it is at hand, to check the rest.

    Raises:
        ConfigError: out of range, or options that don't go together.
    """
    o = options
    rules = chosen_rules(o["strategy"], o["aggregator"], o["transforms"])
    weight: Declared = strategy(rules.strategy, rules.strategy_parameters).weighting.declares
    patterns, found = o["parameters"], fitted or given_steps(o)
    hidden = hidden_of(o)
    scoring = "equal" if hidden is not None else _scoring(weight, evaluation)
    document = TermsDocument(
        strategy=rules.strategy,
        strategy_parameters=rules.strategy_parameters,
        aggregator=rules.aggregator,
        aggregator_parameters=rules.aggregator_parameters,
        parameters=patterns if isinstance(patterns, tuple) and patterns else ("*",),
        buffers=o["buffers"],
        scoring=o["scoring"] or scoring,
        plan=_plan(o, rules.strategy, weight),
        evaluation=evaluation,
        screening=o["screening"],
        transforms=rules.transforms,
        scales=found.scales,
        saturation=o["saturation"],
        tied=found.tied,
        client_evaluation=_evaluation(o),
        hidden=hidden,
    )
    return document, Lattice(o["bits"], found.step_exponent, 8 if o["bits"] <= 16 else 0)


def _plan(o: dict[str, Any], strategy_name: str, weight: Declared) -> LocalPlan:
    unsaid = "sgd" if client_needs(strategy_name).plain_sgd else "adam"
    optimizer, parameters = read_named("--optimizer", o["optimizer"] or unsaid)
    return LocalPlan(
        epochs=o["epochs"],
        batch_size=o["batch_size"],
        optimizer=optimizer,
        learning_rate=o["learning_rate"],
        seed=o["seed"],
        proximal=o["proximal"],
        steps=o["local_steps"],
        weight=weight,
        precision=o["precision"],
        optimizer_parameters=parameters,
        learning_rate_decay=o["learning_rate_decay"],
    )


def _evaluation(o: dict[str, Any]) -> EvaluationTerms | None:
    """Returns who is asked to evaluate; under stake or hidden nobody is, unless asked for."""
    told = o.get("fraction_evaluate")
    none = o.get("stake") is not None or o.get("hidden") is not None
    unsaid = 0.0 if none or "fraction_evaluate" not in o else 1.0
    return evaluation_terms(unsaid if told is None else told, o.get("min_evaluate_clients", 2))


def _scoring(weight: Declared, evaluation: bytes | None) -> str:
    if evaluation is not None:
        return "leave_one_out"
    return "examples" if weight == "examples" else "equal"
