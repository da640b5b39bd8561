"""The transforms by the names that terms, and the command line, call them; which go together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, Self

from registry.documents.canonical_json import require_fields
from registry.errors import ConfigError
from trainer.transforms.base import Transform
from trainer.transforms.clip import Clip
from trainer.transforms.error_feedback import ErrorFeedback
from trainer.transforms.noise import Noise
from trainer.transforms.quantize import Quantize
from trainer.transforms.top_k import TopK

__all__ = ["TRANSFORMS", "TransformTerms", "transforms"]

TRANSFORMS: Mapping[str, Callable[..., Transform]] = {
    "clip": Clip,
    "error_feedback": ErrorFeedback,
    "noise": Noise,
    "quantize": Quantize,
    "top_k": TopK,
}


@dataclass(frozen=True)
class TransformTerms:
    """A transform as terms name it: decimal texts by name, such as a fraction."""

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def to_fields(self) -> dict[str, Any]:
        """Returns the transform as it stands in a terms document."""
        return {"name": self.name, "parameters": dict(self.parameters)}

    @classmethod
    def from_fields(cls, value: Any) -> Self:
        """Reads a transform from a terms document.

        Raises:
            ConfigError: fields that are missing, unknown or of another type.
        """
        found = require_fields(value, ("name", "parameters"), "transform")
        name, parameters = found["name"], found["parameters"]
        if not isinstance(name, str) or not isinstance(parameters, dict):
            raise ConfigError("transform: expected a name, and parameters by name")
        return cls(name, parameters)


def transforms(chosen: Sequence[TransformTerms]) -> tuple[Transform, ...]:
    """Returns the transforms that terms name, in their order.

    Raises:
        ConfigError: no such transform, a parameter that it doesn't take or that is out of range, or
            transforms that don't go together, with the reason.
    """
    made = tuple(_made(terms) for terms in chosen)
    names = [transform.name for transform in made]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"transforms: {twice[0]} stands twice; leave one out")
    if "error_feedback" in names:
        if names[0] != "error_feedback":
            raise ConfigError(
                f"transforms: error_feedback after {names[0]} wouldn't see what {names[0]} leaves "
                "out; put it first"
            )
        if "noise" in names:
            raise ConfigError(
                "transforms: error_feedback takes noise back in the next round; use one of the two"
            )
        if "quantize" in names:
            # A compressor has to shrink what is left over, and an unbiased one may make it grow.
            raise ConfigError(
                "transforms: quantize has no bias that error_feedback could make up for, and its "
                "lots would add up; use one of the two"
            )
    if "noise" in names and "clip" not in names[: names.index("noise")]:
        raise ConfigError(
            "transforms: noise hides nobody whose update may be of any length; put clip before it"
        )
    return made


def _made(terms: TransformTerms) -> Transform:
    if terms.name not in TRANSFORMS:
        raise ConfigError(
            f"transforms: expected one of {', '.join(sorted(TRANSFORMS))}, got {terms.name!r}"
        )
    takes = TRANSFORMS[terms.name]
    needed = set(signature(takes).parameters)
    if set(terms.parameters) != needed:
        raise ConfigError(
            f"transform {terms.name}: expected {', '.join(sorted(needed)) or 'no parameter'}, "
            f"got {', '.join(sorted(terms.parameters)) or 'none'}"
        )
    return takes(**terms.parameters)
