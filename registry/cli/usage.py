"""What was typed wrongly, in one line: what was expected, what came, and where the help is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import click
from click.exceptions import NoArgsIsHelpError

from registry.errors import ConfigError

__all__ = ["NoArgsIsHelpError", "in_options", "require_no_empty_word", "usage_message"]


_ELSEWHERE = {
    "reward_budget": "budget",
    "step_exponent": "step",
    "transforms": "transform",
}
"""Names of the Python interface whose options are called otherwise."""


def in_options(message: str, command: click.Command) -> str:
    """Returns a message of the Python interface with its names as the options they came from.

    Args:
        message: which begins with a name, as in `num_rounds: expected at least 1, got 0`, or says
            what a plan's field has to be.
        command: whose options are looked among.
    """
    options = {p.name: p.opts[0] for p in command.params if isinstance(p, click.Option)}
    found = re.match(r"(plan: expected )?([A-Za-z_]+)(: | from | to )", message)
    if found is None:
        return message
    snake = re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), found[2])
    option = options.get(_ELSEWHERE.get(snake, snake))
    if option is None:
        return message
    if found[1] is None:
        return f"{option}: {message[found.end(2) + 2 :]}" if found[3] == ": " else message
    return f"{option}: expected{message[found.end(2) :].removeprefix(' from')}"


def usage_message(error: click.ClickException) -> str:
    """Returns the line for an error of click's, which itself writes a block of four."""
    context: click.Context | None = getattr(error, "ctx", None)
    path = context.command_path if context else "tally"
    return f"{_said(error, context)}; see `{path} --help`"


def require_no_empty_word(words: Sequence[str]) -> None:
    """Refuses an empty word, which a variable that isn't set leaves of `--name "$NAME"`.

    Taken as it stands it would read as if nothing had been asked for, or as the working folder.

    Raises:
        ConfigError: a word, or what stands behind an option's equals sign, is empty.
    """
    for before, word in pairwise(["tally", *words]):
        option = re.fullmatch(r"(--[a-z-]+)=", word)
        if option is not None or not word:
            place = option[1] if option is not None else before
            raise ConfigError(
                f"{place}: expected text that isn't empty, got ''; leave it out, or set the "
                "variable that it came from"
            )


_KINDS = (
    (r"(?P<got>.+) is not a valid integer(?: range)?", "expected a whole number"),
    (r"(?P<got>.+) is not a valid float", "expected a number"),
    (r"(?P<got>.+) is not in the range (?P<range>.+)", "expected {range}"),
    (r"(?P<got>.+) is not one of (?P<range>.+)", "expected one of {range}"),
    (r"(?:File|Path|Directory) (?P<got>.+) does not exist", "expected what is there"),
    (r"File (?P<got>.+) is a directory", "expected a file"),
    (r"Directory (?P<got>.+) is a file", "expected a folder"),
)
"""What click says of a value, and how it is told here: what was expected, then what came."""


def _said(error: click.ClickException, context: click.Context | None) -> str:
    plain = " ".join(error.message.split()).rstrip(".")
    if isinstance(error, NoArgsIsHelpError) or plain == "Missing command":
        return f"expected a command: {_commands(context)}"
    if isinstance(error, click.NoSuchOption):
        meant = f"; did you mean {' or '.join(error.possibilities)}?" if error.possibilities else ""
        if re.fullmatch(r"-\d", error.option_name):
            meant = "; if it is a value, expected 0 or more"
        return f"no such option: {error.option_name}{meant}"
    if isinstance(error, click.MissingParameter):
        return f"missing {_named(error.param, context)}"
    if isinstance(error, click.BadParameter) and error.param is not None and context is not None:
        return f"{_name(error.param, context)}: {_expected(plain)}"
    return plain[:1].lower() + plain[1:]


def _commands(context: click.Context | None) -> str:
    if context is None or not isinstance(context.command, click.Group):
        return "see the help"
    return ", ".join(context.command.list_commands(context))


def _expected(message: str) -> str:
    for pattern, expected in _KINDS:
        found = re.fullmatch(pattern, message)
        if found is not None:
            parts = found.groupdict()
            if parts.get("range"):
                parts["range"] = _range(parts["range"])
            return f"{expected.format_map(parts)}, got {parts['got']}"
    return message[:1].lower() + message[1:]


def _range(text: str) -> str:
    """Returns a range of click's, `0<=x<=9` or `x>=1`, in words; choices as they are."""
    least, most = re.search(r"(\d+)<=x|x>=(\d+)", text), re.search(r"x<=(\d+)", text)
    if least is None:
        return f"at most {most[1]}" if most else text
    return f"{least[1] or least[2]} to {most[1]}" if most else f"{least[1] or least[2]} or more"


def _name(parameter: click.Parameter, context: click.Context) -> str:
    if isinstance(parameter, click.Option):
        return "/".join(parameter.opts)
    listed = isinstance(parameter.type, click.Choice)
    shown = (parameter.name or "").upper() if listed else parameter.make_metavar(context)
    return shown.strip("[].")


def _named(parameter: click.Parameter | None, context: click.Context | None) -> str:
    """Returns an argument's or option's name, and what it takes if that is listed."""
    if parameter is None or context is None:
        return "an argument"
    choices = getattr(parameter.type, "choices", ())
    taken = f": expected one of {', '.join(map(str, choices))}" if choices else ""
    kind = "option" if isinstance(parameter, click.Option) else "argument"
    return f"the {kind} {_name(parameter, context)}{taken}"
