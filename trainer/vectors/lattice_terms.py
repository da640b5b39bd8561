"""What a terms document may say of the lattice: cut values, tensors' units, tied tensors."""

from __future__ import annotations

from collections.abc import Mapping

from registry.errors import ConfigError

__all__ = ["check_saturation", "check_scales_of_terms", "check_tied"]

_MILLION = 10**6
_LARGEST_SHIFT = 64


def check_saturation(bound: object) -> None:
    """Checks how many of a million values may lie at the bounds (L-9).

    Raises:
        ConfigError: no integer from 0 to a million.
    """
    if type(bound) is not int or not 0 <= bound <= _MILLION:
        raise ConfigError(
            f"terms document: expected a saturation of 0 to {_MILLION} parts per million, "
            f"got {bound!r}"
        )


def check_scales_of_terms(scales: object) -> None:
    """Checks the patterns and exponents of tensors' units (L-7), without a base.

    Raises:
        ConfigError: no tuple of pairs, a pattern that is no text, or an exponent out of range.
    """
    if not isinstance(scales, tuple):
        raise ConfigError(
            f"terms document: expected scales as a tuple of pairs, got {scales!r:.100}"
        )
    for scale in scales:
        if not isinstance(scale, tuple) or len(scale) != 2:
            raise ConfigError(
                "terms document: expected scales, each a pair of a pattern and an exponent such as "
                f"('*.running_var', 10), got {scale!r:.100}"
            )
        pattern, shift = scale
        fits = type(shift) is int and abs(shift) <= _LARGEST_SHIFT
        if not isinstance(pattern, str) or not pattern or not fits:
            raise ConfigError(
                "terms document: expected scales of patterns with exponents from "
                f"{-_LARGEST_SHIFT} to {_LARGEST_SHIFT}, got {pattern!r:.100} with {shift!r:.100}"
            )


def check_tied(tied: object) -> None:
    """Checks the names of copies and originals (L-8), without a base.

    Raises:
        ConfigError: no names, a tensor that is its own copy, or a copy of a copy.
    """
    if not isinstance(tied, Mapping) or not all(
        isinstance(name, str) for pair in tied.items() for name in pair
    ):
        raise ConfigError("terms document: expected tied tensors, a name by each copy's name")
    for copy, original in tied.items():
        if copy == original:
            raise ConfigError(f"terms document: tied: {copy!r} is no copy of itself; leave it out")
        if original in tied:
            raise ConfigError(
                f"terms document: tied: {copy!r} is a copy of {original!r}, which is one itself; "
                f"give {tied[original]!r}, the original of both"
            )
