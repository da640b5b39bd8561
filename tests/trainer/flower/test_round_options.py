"""Options of an audited app's rounds are checked where they are made, before a chain is asked."""

from __future__ import annotations

from typing import Any

import pytest

from registry.errors import ConfigError
from trainer.flower import RoundOptions
from trainer.transforms import TransformTerms
from trainer.types import Lattice


def test_options_in_range_are_taken() -> None:
    made = RoundOptions(
        budget=10**24, lattice=Lattice(16, -14), scales=(("*.running_var", 10),), tied={"a": "b"}
    )
    assert made.budget == 10**24
    assert RoundOptions().lattice is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"lattice": 16}, "lattice: expected a Lattice or None, got 16"),
        ({"budget": 1.5}, "budget: expected an integer from 0"),
        ({"budget": -1}, "budget: expected an integer from 0"),
        ({"minimum": 0}, "minimum: expected an integer from 1"),
        ({"minimum": "2"}, "minimum: expected an integer from 1 .*'2'"),
        ({"weight_cap": True}, "weight_cap: expected an integer from 1"),
        ({"phase_seconds": 0}, "phase_seconds: expected an integer from 1"),
        ({"challenge_seconds": None}, "challenge_seconds: expected an integer from 0"),
        ({"saturation": 10**6 + 1}, "expected a saturation of 0 to 1000000"),
        ({"scales": ("*",)}, "each a pair of a pattern and an exponent"),
        ({"tied": {"a": "a"}}, "no copy of itself"),
        ({"parameters": ()}, "at least one pattern"),
        ({"buffers": "drop"}, "expected buffers of"),
        ({"transforms": (TransformTerms("shrink", {}),)}, "shrink"),
        ({"hidden": True}, "hidden: expected HiddenTerms or None, got True"),
    ],
)
def test_options_that_are_none_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        RoundOptions(**options)
