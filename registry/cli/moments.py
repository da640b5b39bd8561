"""Dates on the command line: days and moments, of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from registry.errors import ConfigError

__all__ = ["MOMENT", "Moment"]

_DAY = 86_400
_FORMATS = {"%Y-%m-%d": _DAY, "%Y-%m-%dT%H:%M": 60, "%Y-%m-%dT%H:%M:%S": 1}


@dataclass(frozen=True)
class Moment:
    """A day, a minute or a second: from `first` up to before `end`, in seconds since 1970."""

    first: int
    end: int


class _MomentType(click.ParamType[Moment]):
    """A date, or a date and a time, of UTC."""

    name = "date"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> Moment:
        """Returns the moment that the text means.

        Raises:
            ConfigError: it is no date.
        """
        if isinstance(value, Moment):
            return value
        text = str(value).strip().removesuffix("Z").replace(" ", "T")
        for form, lasts in _FORMATS.items():
            try:
                first = int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
            except ValueError:
                continue
            return Moment(first, first + lasts)
        raise ConfigError(
            f"expected a date of UTC such as 2026-03-03 or 2026-03-03T14:30, got {value!r}"
        )


MOMENT = _MomentType()
