"""`tally train report`: who counted in a round, who didn't and why, and what stands out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from registry.chain.contract_signatures import ChainSignatureChecker
from registry.cli.options import Session, session_options
from registry.client import RegistryClient
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.staked_board import StakedRegistryBoard
from trainer.adapters.store_blobs import StoreBlobs
from trainer.ports import RoundContext
from trainer.reporting.anomalies import Thresholds
from trainer.reporting.round_report import GroupLine, Line, RoundReport
from trainer.reporting.round_reports import RoundReports

__all__ = ["fields_of", "lines_of", "report"]

_HEADINGS = ("participant", "weight", "norm", "cosine", "nearest", "its cosine", "update")
_NUMBERS = (1, 2, 3, 5)
"""The columns that are set flush right."""


@click.command()
@click.argument("name")
@click.option("--round", "number", type=int, help="The round's number; the newest without it.")
@click.option(
    "--near-duplicate",
    default=Thresholds.near_duplicate,
    show_default=True,
    help="From which cosine on two updates are named as nearly the same.",
)
@click.option(
    "--large",
    default=Thresholds.large,
    show_default=True,
    help="How many times the median norm an update has to exceed to be named.",
)
@session_options
def report(
    session: Session, name: str, number: int | None, near_duplicate: str, large: str
) -> None:
    """Report on a round of the model NAME: who counted, who didn't and why, what stands out.

    The round is worked out again from public data; no key is needed. Named are updates that are
    equal or nearly so, that are all zeros, that are unusually large, or that point away from the
    aggregate. What is named isn't proved to be an attack: like data make like updates. Of a hidden
    round the sums of groups are shown, for nobody sees more.
    """
    thresholds = Thresholds(near_duplicate, large)
    with session.reader() as client, tempfile.TemporaryDirectory(prefix="tally-report-") as work:
        reports = _reports(client, Path(work))
        if number is None:
            round_id = reports.newest(client.model(name).model_id)
        else:
            round_id = client.round(name, number).round_id
        found = reports.of(round_id, thresholds)
    session.output.result(fields_of(found), lines_of(name, found))


def _reports(client: RegistryClient, work: Path) -> RoundReports:
    gateway = client.connection.gateway
    return RoundReports(
        RoundContext(
            RegistryBoard(client), StoreBlobs(client.connection.store), ChainClock(gateway)
        ),
        work,
        stakes=StakedRegistryBoard(client),
        code_checker=ChainSignatureChecker(gateway),
    )


def fields_of(found: RoundReport) -> dict[str, Any]:
    """Returns a report for scripts."""
    return {
        "round": found.state.number,
        "roundId": found.state.round_id,
        "participants": [_line_fields(line) for line in found.lines],
        "anomalies": [
            {"participant": a.participant, "kind": a.kind, "detail": a.detail, "others": a.others}
            for a in found.anomalies
        ],
        "agrees": found.agrees,
        "evaluation": found.evaluation and found.evaluation.to_fields(),
        "uncombined": found.uncombined or None,
        "groups": [vars(group) for group in found.groups],
    }


def _line_fields(line: Line) -> dict[str, Any]:
    numbers, refused = line.figures, line.refused
    return {
        "participant": line.participant,
        "weight": line.weight,
        "norm": numbers and numbers.norm,
        "cosine": numbers and numbers.cosine,
        "nearest": numbers and numbers.nearest,
        "nearestCosine": numbers and numbers.nearest_cosine,
        "saturated": numbers and numbers.saturated,
        "excluded": line.excluded or None,
        "refused": refused and refused.reason,
        "detail": refused and refused.detail,
        "absent": line.absent or None,
    }


def lines_of(name: str, found: RoundReport) -> list[str]:
    """Returns a report for people: a line per update, one per finding, and a verdict."""
    refused = sum(line.refused is not None for line in found.lines)
    excluded = sum(bool(line.excluded) for line in found.lines)
    absent = sum(bool(line.absent) for line in found.lines)
    revealed = len(found.lines) - absent
    rest = revealed - refused - excluded
    # Without an aggregate nothing is counted, and what would be left out isn't known.
    word = "accepted" if found.uncombined else "counted"
    head = f"round {found.state.number} of {name}: {revealed} updates revealed"
    lines = [f"{head}, {rest} {word}, {excluded} excluded, {refused} refused, {absent} absent"]
    if found.lines:
        lines += _aligned([_HEADINGS, *(_cells(line, word) for line in found.lines)])
    lines += [_group_text(group) for group in found.groups]
    lines += [f"{a.participant}  {a.kind}: {a.detail}" for a in found.anomalies]
    if found.evaluation is not None:
        lines.append(f"its base version, as participants measured it: {found.evaluation}")
    return [*lines, _verdict(found)]


def _cells(line: Line, word: str) -> tuple[str, ...]:
    if line.figures is None and line.weight is not None:
        told = f"excluded: {line.excluded}" if line.excluded else f"{word}, hidden"
        return (line.participant, "", "", "", "", "", told)
    if line.figures is None:
        why = f"refused: {line.refused.reason}" if line.refused else f"absent: {line.absent}"
        return (line.participant, "", "", "", "", "", why)
    numbers = line.figures
    return (
        line.participant,
        str(line.weight),
        f"{numbers.norm:.1f}",
        _shown(numbers.cosine),
        (numbers.nearest or "-")[:10],
        _shown(numbers.nearest_cosine),
        f"excluded: {line.excluded}" if line.excluded else word,
    )


def _group_text(group: GroupLine) -> str:
    there = f"group {group.number}: {group.survivors} of {group.members} in its sum"
    if group.weight is None or group.norm is None:
        return f"group {group.number}: no sum of {group.survivors} of {group.members}"
    return f"{there}, of weight {group.weight}; its mean has a norm of {group.norm:.1f}"


def _shown(cosine: float | None) -> str:
    return "-" if cosine is None else f"{cosine:.4f}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in _NUMBERS else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _verdict(found: RoundReport) -> str:
    why = f": {found.uncombined}" if found.uncombined else ""
    if found.agrees:
        return "the result on the chain is what these updates come to"
    if found.agrees is False:
        return f"the result on the chain is NOT what these updates come to{why}; run tally audit"
    if why:
        return f"no aggregate{why}"
    return "the round was voided" if found.state.voided else "there is no result on the chain yet"
