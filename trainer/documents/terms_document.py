"""The part of a round's terms that the chain keeps by digest only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from registry.documents.canonical_json import (
    bytes32_from_hex,
    bytes32_to_hex,
    canonical,
    parse,
    require_fields,
)
from registry.errors import ConfigError
from trainer.aggregation import aggregator
from trainer.documents.compatibility import check_combination, check_transforms
from trainer.documents.hidden_compatibility import check_hidden
from trainer.plan.evaluation_terms import EvaluationTerms
from trainer.plan.training_plan import LocalPlan
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.strategies import strategy
from trainer.transforms import TransformTerms, transforms
from trainer.vectors.lattice_terms import check_saturation, check_scales_of_terms, check_tied

__all__ = ["LARGEST_TERMS", "TermsDocument"]

FORMAT = "tallystick/terms/1"
LARGEST_TERMS = 65_536
_FIELDS = (
    "format",
    "strategy",
    "strategyParameters",
    "aggregator",
    "aggregatorParameters",
    "parameters",
    "buffers",
    "scoring",
    "plan",
    "evaluation",
    "allowList",
    "screening",
    "transforms",
    "scales",
    "saturation",
    "tied",
    "clientEvaluation",
    "hidden",
)
_BUFFERS = ("keep", "average")
_SCORINGS = ("examples", "equal", "leave_one_out")
_LARGEST_TOLERANCE = 10**9
_LONGEST_PATTERN = 200


@dataclass(frozen=True)
class TermsDocument:
    """What is trained and how it is scored.

    The round-trip law: `TermsDocument.parse(d.to_json()) == d`.

    Args:
        strategy: the server's rule; the same name stands on the chain.
        strategy_parameters: decimal texts by name, such as a server learning rate.
        aggregator: the rule that combines updates (`trainer.aggregation`).
        aggregator_parameters: integers by name; an address where a rule trusts a participant.
        screening: an update that alone raises the validation loss by more micro-nats than these
            isn't counted; None: all are.
        transforms: what happens to updates on their way to the lattice, the first one first
            (`trainer.transforms`).
        parameters: patterns of the tensors that are trained, `*` and `?` as in file names; one
            that begins with `!` takes tensors away again; of at most 200 characters each, as those
            of `scales`.
        buffers: "keep" or "average" the floating statistics (L-5).
        scales: patterns of tensors whose unit on the lattice is larger, each with the exponent of
            two by which it is, -64 to 64; the last one that names a tensor counts (L-7).
        saturation: how many of a million values of any tensor may lie at the lattice's bounds
            (L-9); an update with more is refused.
        tied: copies by name, and the tensors that they are copies of (L-8).
        hidden: how updates are hidden in sums (`trainer.privacy`); None: they are public.
        client_evaluation: who evaluates the base version on data of its own (R-14); None: nobody.
        scoring: "examples", "equal" or "leave_one_out".
        plan: what participants do locally.
        evaluation: the SHA-256 digest of the validation set that `leave_one_out` and screening
            need, or None.
        allow_list: the SHA-256 digest of the list of who may take part, or None for anyone.

    Raises:
        ConfigError: a value out of its range.
    """

    strategy: str = "fedavg"
    parameters: tuple[str, ...] = ("*",)
    buffers: str = "average"
    scoring: str = "examples"
    plan: LocalPlan = field(default_factory=LocalPlan)
    evaluation: bytes | None = None
    allow_list: bytes | None = None
    strategy_parameters: Mapping[str, str] = field(default_factory=dict)
    aggregator: str = "mean"
    aggregator_parameters: Mapping[str, int | str] = field(default_factory=dict)
    screening: int | None = None
    transforms: tuple[TransformTerms, ...] = ()
    scales: tuple[tuple[str, int], ...] = ()
    saturation: int = 1_000
    tied: Mapping[str, str] = field(default_factory=dict)
    client_evaluation: EvaluationTerms | None = None
    hidden: HiddenTerms | None = None

    def __post_init__(self) -> None:
        """Checks the values."""
        if not self.parameters or not all(isinstance(p, str) and p for p in self.parameters):
            raise ConfigError("terms document: expected at least one pattern of parameters")
        _check_lengths("parameters", self.parameters)
        if not isinstance(self.strategy, str) or not isinstance(self.aggregator, str):
            raise ConfigError("terms document: expected the strategy's and the aggregator's names")
        if not isinstance(self.strategy_parameters, Mapping) or not isinstance(
            self.aggregator_parameters, Mapping
        ):
            raise ConfigError("terms document: expected parameters by name")
        # Made once, so that a name or a parameter that doesn't fit is refused before a round opens.
        server = strategy(self.strategy, self.strategy_parameters)
        aggregator(self.aggregator, self.aggregator_parameters)
        check_combination(server, self.aggregator, self.plan, self.scoring)
        check_transforms(server, self.aggregator, transforms(self.transforms))
        if self.hidden is not None:
            told = self.scoring, self.screening, self.client_evaluation
            check_hidden(server, self.aggregator, *told)
        self._check_values()
        self._check_lattice()
        self._check_validation_set()

    def _check_values(self) -> None:
        if self.buffers not in _BUFFERS:
            raise ConfigError(f"terms document: expected buffers of {_BUFFERS}")
        if self.scoring not in _SCORINGS:
            raise ConfigError(f"terms document: expected scoring of {_SCORINGS}")
        for name in ("evaluation", "allow_list"):
            if getattr(self, name) is not None and len(getattr(self, name)) != 32:
                raise ConfigError(f"terms document: expected {name} to be a digest of 32 bytes")

    def _check_lattice(self) -> None:
        check_saturation(self.saturation)
        check_scales_of_terms(self.scales)
        _check_lengths("scales", [pattern for pattern, _ in self.scales])
        check_tied(self.tied)

    def _check_validation_set(self) -> None:
        tolerance = self.screening
        if tolerance is not None and not (
            type(tolerance) is int and 0 <= tolerance <= _LARGEST_TOLERANCE
        ):
            raise ConfigError(
                f"terms document: expected screening of 0 to {_LARGEST_TOLERANCE} micro-nats, "
                f"got {tolerance!r}"
            )
        asks = self.scoring == "leave_one_out" or tolerance is not None
        if asks and self.evaluation is None:
            asked = "screening" if tolerance is not None else "leave_one_out"
            raise ConfigError(
                f"terms document: {asked} needs the digest of a validation set; "
                "give one or do without"
            )

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical(
            {
                "format": FORMAT,
                "strategy": self.strategy,
                "strategyParameters": dict(self.strategy_parameters),
                "aggregator": self.aggregator,
                "aggregatorParameters": dict(self.aggregator_parameters),
                "parameters": list(self.parameters),
                "buffers": self.buffers,
                "scoring": self.scoring,
                "plan": self.plan.to_fields(),
                "evaluation": _reference(self.evaluation),
                "allowList": _reference(self.allow_list),
                "screening": self.screening,
                "transforms": [terms.to_fields() for terms in self.transforms],
                "scales": [list(scale) for scale in self.scales],
                "saturation": self.saturation,
                "tied": dict(self.tied),
                "clientEvaluation": self.client_evaluation and self.client_evaluation.to_fields(),
                "hidden": self.hidden and self.hidden.to_fields(),
            }
        )

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of the text: the digest of its raw block in storage."""
        return sha256(self.to_json()).digest()

    @classmethod
    def parse(cls, data: bytes) -> TermsDocument:
        """Reads a document.

        Raises:
            ConfigError: malformed, of another format, or with values out of range.
        """
        found = require_fields(parse(data, LARGEST_TERMS, "terms document"), _FIELDS, "terms")
        if found["format"] != FORMAT:
            raise ConfigError(
                f"terms document: expected format {FORMAT}, got {found['format']!r:.60}"
            )
        if not isinstance(found["parameters"], list):
            raise ConfigError("terms document: expected a list of parameters")
        if not isinstance(found["transforms"], list):
            raise ConfigError("terms document: expected a list of transforms")
        return cls(
            found["strategy"],
            tuple(found["parameters"]),
            found["buffers"],
            found["scoring"],
            LocalPlan.from_fields(found["plan"]),
            _referred(found["evaluation"], "evaluation"),
            _referred(found["allowList"], "allowList"),
            found["strategyParameters"],
            found["aggregator"],
            found["aggregatorParameters"],
            found["screening"],
            tuple(TransformTerms.from_fields(item) for item in found["transforms"]),
            _scales(found["scales"]),
            found["saturation"],
            found["tied"],
            EvaluationTerms.from_fields(found["clientEvaluation"]),
            HiddenTerms.from_fields(found["hidden"]),
        )


def _check_lengths(name: str, patterns: Sequence[str]) -> None:
    # Every participant matches them against every tensor's name.
    if (longest := max(map(len, patterns), default=0)) > _LONGEST_PATTERN:
        raise ConfigError(
            f"terms document: expected patterns of at most {_LONGEST_PATTERN} characters in "
            f"{name}, got one of {longest}; use `*`"
        )


def _reference(digest: bytes | None) -> dict[str, str] | None:
    return None if digest is None else {"digest": bytes32_to_hex(digest)}


def _referred(value: Any, what: str) -> bytes | None:
    if value is None:
        return None
    return bytes32_from_hex(require_fields(value, ("digest",), what)["digest"], what)


def _scales(value: Any) -> tuple[tuple[str, int], ...]:
    found = []
    for pair in value if isinstance(value, list) else [None]:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise ConfigError("terms document: expected scales, each a pattern and an exponent")
        found.append((pair[0], pair[1]))
    return tuple(found)
