"""The rules by the names that terms, and the command line, call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from registry.errors import ConfigError
from trainer.aggregation.base import Aggregator
from trainer.aggregation.bulyan import Bulyan
from trainer.aggregation.centred_clipping import CentredClipping
from trainer.aggregation.clustered_mean import ClusteredMean
from trainer.aggregation.fltrust import FLTrust
from trainer.aggregation.foolsgold import FoolsGold
from trainer.aggregation.geometric_median import GeometricMedian
from trainer.aggregation.krum import Krum
from trainer.aggregation.mean import Mean
from trainer.aggregation.median import Median
from trainer.aggregation.mixing import Bucketing, NearestNeighbourMixing
from trainer.aggregation.norm_clipping import NormClipping
from trainer.aggregation.robust import RobustRule
from trainer.aggregation.trimmed_mean import TrimmedMean

__all__ = ["AGGREGATORS", "MIXTURES", "aggregator"]

AGGREGATORS: Mapping[str, Callable[..., Aggregator[Any]]] = {
    "mean": Mean,
    "median": Median,
    "trimmed_mean": TrimmedMean,
    "krum": Krum,
    "bulyan": Bulyan,
    "geometric_median": GeometricMedian,
    "centred_clipping": CentredClipping,
    "norm_clipping": NormClipping,
    "fltrust": FLTrust,
    "foolsgold": FoolsGold,
    "clustered_mean": ClusteredMean,
}
"""What combines updates."""

MIXTURES: Mapping[str, Callable[..., RobustRule]] = {
    "nnm": NearestNeighbourMixing,
    "bucketing": Bucketing,
}
"""What mixes updates before a robust rule looks at them."""


def aggregator(name: str, parameters: Mapping[str, int | str] | None = None) -> Aggregator[Any]:
    """Returns a rule by its name: `median`, or with a mixture in front, `nnm+median`.

    Args:
        name: see `AGGREGATORS` and `MIXTURES`.
        parameters: integers by name, and the address under `trusted`; those of the mixture begin
            with its name and a dot, as in `nnm.byzantine`.

    Raises:
        ConfigError: no such rule, a mixture in front of one that isn't robust, or a parameter that
            the rule doesn't take or that is out of its range.
    """
    given = dict(parameters or {})
    *before, last = name.split("+")
    if len(before) > 1 or not set(before) <= set(MIXTURES) or last not in AGGREGATORS:
        raise ConfigError(
            f"aggregator: expected one of {', '.join(sorted(AGGREGATORS))}, "
            f"with or without {sorted(MIXTURES)} and a + in front, got {name!r}"
        )
    own = {key: value for key, value in given.items() if "." not in key}
    rule: Aggregator[Any] = _made(last, AGGREGATORS[last], own)
    if not before:
        _refuse_rest(name, set(given) - set(own))
        return rule
    if not isinstance(rule, RobustRule):
        raise ConfigError(
            f"aggregator: {before[0]} in front of {last} changes nothing; leave it out"
        )
    if last == "fltrust":
        raise ConfigError(
            f"aggregator: {before[0]} would mix the trusted update with others, whose majority "
            "then decides what it is; use fltrust alone"
        )
    prefix = f"{before[0]}."
    mixed = {key.removeprefix(prefix): given[key] for key in given if key.startswith(prefix)}
    _refuse_rest(name, {key for key in set(given) - set(own) if not key.startswith(prefix)})
    whole: RobustRule = _made(before[0], MIXTURES[before[0]], mixed, rule)
    return whole


def _made(
    name: str, kind: Callable[..., Any], parameters: Mapping[str, int | str], *inner: RobustRule
) -> Any:
    takes = _taken(kind, len(inner))
    told = f"it takes {', '.join(takes)}" if takes else "it takes none"
    if unknown := sorted(set(parameters) - set(takes)):
        raise ConfigError(f"aggregator {name}: it doesn't take {unknown[0]!r}; {told}")
    missing = [key for key, needed in takes.items() if needed and key not in parameters]
    if missing:
        raise ConfigError(f"aggregator {name}: expected a parameter {missing[0]}; {told}")
    for key, value in parameters.items():
        if type(value) is not int and key != "trusted":
            raise ConfigError(f"aggregator {name}: expected {key} to be an integer, got {value!r}")
    return kind(*inner, **parameters)


def _taken(kind: Callable[..., Any], inner: int) -> dict[str, bool]:
    """Returns the parameters that terms may give a rule, and whether each has to be given."""
    found = list(signature(kind).parameters.values())[inner:]
    # What is None by itself is found in a round, as a trusted update's place.
    return {p.name: p.default is p.empty for p in found if p.default is not None}


def _refuse_rest(name: str, rest: set[str]) -> None:
    if rest:
        raise ConfigError(f"aggregator {name}: nothing takes {sorted(rest)}")
