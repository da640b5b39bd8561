"""The lattice that the options ask for, or that is fitted to the base version; and tied tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import TensorDataset

from registry.errors import ConfigError, TrainingError
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_version
from trainer.execution.validation_set import architecture_of
from trainer.models import build_model, is_known
from trainer.training.client import Training, Tying, module_training
from trainer.training.step_proposal import largest_moves, proposed_steps
from trainer.vectors.layout import STATISTICS, Layout, check_scales
from trainer.vectors.torch_modules import ties_of

__all__ = ["Fitted", "fitted_to", "given_steps", "moves_of", "validation_set_training"]

_AUTO = "auto"
_NUMBER = re.compile(r"-?[0-9]{1,3}")
_BEFORE_THE_BASE = -16
"""Stands in for a step that is fitted later, where options are checked before a base is read."""


@dataclass(frozen=True)
class Fitted:
    """A lattice's step, the scales of some tensors, and which tensors are copies."""

    step_exponent: int
    scales: tuple[tuple[str, int], ...] = ()
    tied: Mapping[str, str] = field(default_factory=dict)


def given_steps(options: dict[str, Any]) -> Fitted:
    """Returns what the options say by themselves.

    Raises:
        ConfigError: no exponent, scale or pair of names.
    """
    text = options["step"]
    if text != _AUTO and not _NUMBER.fullmatch(text):
        raise ConfigError(f"--step: expected auto, or an exponent such as -14, got {text!r}")
    scales = []
    for scale in options["scales"]:
        pattern, equals, shift = scale.rpartition("=")
        if not equals or not pattern or not _NUMBER.fullmatch(shift):
            raise ConfigError(f"--scale: expected PATTERN=K such as '*.running_var=10': {scale!r}")
        scales.append((pattern, int(shift)))
    tied = {}
    for pair in options["tied"]:
        copy, equals, original = pair.partition("=")
        if not equals or not copy or not original or copy in tied:
            raise ConfigError(f"--tied: expected COPY=ORIGINAL, each copy once, got {pair!r}")
        if copy == original:
            raise ConfigError(f"--tied: expected two tensors' names, got {pair!r}")
        tied[copy] = original
    step = _BEFORE_THE_BASE if text == _AUTO else int(text)
    return Fitted(step, tuple(scales), tied)


def fitted_to(
    base: Path,
    options: dict[str, Any],
    document: TermsDocument,
    moves: Mapping[str, float] | None = None,
    *,
    grouped: bool = True,
    ties: Mapping[str, str] | None = None,
) -> tuple[Fitted, list[str]]:
    """Returns the lattice for a base version and these options, and lines that tell of it.

    Args:
        base: the version's folder.
        options: by their names.
        document: of the rounds, made without a base.
        moves: what a trial moved (`moves_of`); None: the base's own values decide.
        grouped: whether running statistics may have scales of their own.
        ties: of the module that is trained, if it is known from elsewhere than the base.

    Raises:
        ConfigError: as `given_steps`, or patterns and pairs that the base doesn't have.
    """
    given, state = given_steps(options), read_version(base)
    check_scales(state, given.scales)
    tied = dict(given.tied) or _ties(base, state, ties)
    layout = Layout.of(state, document.parameters, document.buffers, (), tied)
    if options["step"] != _AUTO:
        found = Fitted(given.step_exponent, given.scales, tied)
        return found, _told(layout, tied, ())
    fed_back = any(transform.name == "error_feedback" for transform in document.transforms)
    proposal = proposed_steps(
        state, layout, options["bits"], moves, grouped=grouped, fed_back=fed_back
    )
    scales = (*proposal.scales, *given.scales)
    found = Fitted(proposal.step_exponent, scales, tied)
    after = "a trial" if moves else "the base's values"
    units = "".join(f", {name} in units 2^{shift} times as large" for name, shift in scales)
    line = f"lattice: steps of 2^{found.step_exponent}{units}; fitted to {after}"
    return found, [line, *_told(layout, tied, _twins(state, layout))]


def moves_of(
    base: Path, options: dict[str, Any], document: TermsDocument, training: Training
) -> dict[str, float]:
    """Trains the base once by the document's plan; returns how far each tensor moved.

    Raises:
        ConfigError: as `fitted_to`.
        TrainingError: the trial failed.
    """
    given, state = given_steps(options), read_version(base)
    check_scales(state, given.scales)
    ties = training.ties if isinstance(training, Tying) else None
    tied = dict(given.tied) or _ties(base, state, ties)
    layout = Layout.of(state, document.parameters, document.buffers, (), tied)
    try:
        return largest_moves(training, state, layout, document.plan)
    except Exception as error:  # a class of the user's may raise anything
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise TrainingError(f"the trial failed: {why:.300}") from error


def validation_set_training(
    base: Path, validation_set: Mapping[str, torch.Tensor]
) -> Training | None:
    """Returns a trial training of the base's architecture on a validation set; None if unknown."""
    architecture = architecture_of(base)
    if not is_known(architecture):
        return None
    data = TensorDataset(validation_set["inputs"], validation_set["labels"])
    return module_training(build_model(architecture), data)


def _ties(
    base: Path, state: Mapping[str, torch.Tensor], given: Mapping[str, str] | None
) -> dict[str, str]:
    """Returns the pairs of the base that a module ties: a given one's, or the architecture's."""
    architecture, found = architecture_of(base), dict(given or {})
    if not found and is_known(architecture):
        found = ties_of(build_model(architecture))
    return {copy: original for copy, original in found.items() if copy in state}


def _twins(state: Mapping[str, torch.Tensor], layout: Layout) -> tuple[str, ...]:
    """Returns pairs of trained tensors that are equal, and not by being all one number."""
    first: dict[bytes, str] = {}
    found = []
    for name in layout.names:
        tensor = state[name].detach().contiguous()
        if tensor.numel() > 1 and bool((tensor != tensor.reshape(-1)[0]).any()):
            digest = sha256(tensor.reshape(-1).view(torch.uint8).numpy().data)
            digest.update(f"{tensor.dtype} {tuple(tensor.shape)}".encode())
            twin = first.setdefault(digest.digest(), name)
            if twin != name:
                found.append(f"{name}={twin}")
    return tuple(found)


def _told(layout: Layout, tied: Mapping[str, str], twins: tuple[str, ...]) -> list[str]:
    statistics = sum(name.rpartition(".")[2] in STATISTICS for name in layout.names)
    lines = []
    if statistics:
        lines.append(f"{statistics} tensors of running statistics are averaged (--buffers keep)")
    lines += [f"{copy} is tied to {original}: trained once" for copy, original in tied.items()]
    lines += [f"equal in the base: {pair}; if the model ties them, say --tied" for pair in twins]
    return lines
