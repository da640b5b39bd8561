"""`--profile`: windows by kind of chain, for whatever window isn't said by itself.

On a chain of one's own nobody has to be waited for. Elsewhere a challenge, a certificate or an
answer may be withheld for as long as the chain can withhold a transaction: no less is safe, and
the deployment's floors of the same profile (`registry.chain.deployment_parameters`) take no less.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from registry.chain.deployment_parameters import PROFILES
from registry.chain.local_chains import LOCAL_CHAINS

__all__ = ["WINDOWS", "profile_of", "profile_options", "with_windows"]

WINDOWS: dict[str, dict[str, int]] = {
    "local": {"challenge_seconds": 10, "certify_seconds": 60, "answer_seconds": 60},
    **{
        name: {
            "challenge_seconds": PROFILES[name]["least_challenge"],
            "certify_seconds": PROFILES[name]["least_certify"],
            "answer_seconds": PROFILES[name]["least_answer"],
        }
        for name in ("l2", "mainnet")
    },
}
"""Seconds, by profile and option."""

_PROFILE = click.option(
    "--profile",
    type=click.Choice(sorted(WINDOWS)),
    help="Windows that aren't said by themselves: local on a chain of one's own, else l2.",
)


def profile_options(*windows: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Returns what adds `--profile` and the options of these windows to a command."""
    told = {
        "challenge": "Between a result and its end.",
        "certify": "Under stake: to vouch in.",
        "answer": "Under stake: to answer in.",
    }

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for window in reversed(windows):
            each = [f"{WINDOWS[p][f'{window}_seconds']} {p}" for p in ("local", "l2", "mainnet")]
            text = f"{told[window]} [default: by --profile: {', '.join(each)}]"
            command = click.option(f"--{window}-seconds", type=click.IntRange(min=0), help=text)(
                command
            )
        return _PROFILE(command)

    return add


def profile_of(options: dict[str, Any], chain_id: int) -> str:
    """Returns the profile that the options name, or that of the kind of chain."""
    return str(options["profile"] or ("local" if chain_id in LOCAL_CHAINS else "l2"))


def with_windows(options: dict[str, Any], profile: str) -> dict[str, Any]:
    """Returns the options, those of windows that weren't given filled by a profile."""
    filled = {name: n for name, n in WINDOWS[profile].items() if options.get(name) is None}
    return options | filled
