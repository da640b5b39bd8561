"""What a participant's training comes to: a vector on the lattice, and the number beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from registry.documents.evaluation import EvaluationRecord
from registry.errors import ConfigError, TrainingError
from trainer.documents.fetching import fetch_base, of_others
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import map_version, read_memory
from trainer.execution.execute import layout_of
from trainer.participant.buffered_updates import BufferedUpdate, take_buffered
from trainer.participant.client_state import keep_vectors, newest_vectors, rng_key
from trainer.participant.control_variates import CONTROL_VARIATE_FILE, ControlVariates
from trainer.participant.training_offers import require_offers
from trainer.plan.training_plan import LocalPlan, in_round
from trainer.ports import BlobStore, RoundBoard
from trainer.protocol.round_state import RoundState
from trainer.strategies import client_needs, staleness_weight
from trainer.training.client import Correctable, Prefetchable, Training, Tying
from trainer.training.local_training import LocalResult
from trainer.transforms import TransformedUpdate, sent_update, transforms
from trainer.types import FloatVector, IntVector
from trainer.vectors.lattice import dequantize
from trainer.vectors.layout import (
    Layout,
    check_state,
    difference,
    in_parameters,
    in_units,
    unflatten,
)
from trainer.vectors.quantizing import at_the_bounds, check_saturation, quantized
from trainer.vectors.safetensors_files import State

__all__ = ["LocalUpdate", "LocalUpdates", "Updates"]

# What transforms keep from round to round.
_KEPT = "transforms.safetensors"
# Losses are declared in thousandths of a nat.
_PARTS = 1_000


@dataclass(frozen=True, eq=False)
class LocalUpdate:
    """An update before it is signed.

    Args:
        vector: shape (n,), the lattice's type.
        weight: what the strategy has participants declare, at least 1 and at most the terms' cap.
        metrics: what training told.
        evaluation: what was measured of the base version, if the round asked this participant.
    """

    vector: IntVector
    weight: int
    metrics: Mapping[str, float | str] = field(default_factory=dict)
    evaluation: EvaluationRecord | None = None


class Updates(Protocol):
    """Where a participant's updates come from."""

    def require(self, document: TermsDocument) -> None:
        """Returns if updates can be made under these terms; raises ConfigError if not."""

    def make(self, state: RoundState, document: TermsDocument) -> LocalUpdate:
        """Returns the update for a round."""

    def buffer(self, state: RoundState, document: TermsDocument) -> BufferedUpdate:
        """Returns an update that may wait for a seat."""

    def begin(self, state: RoundState, document: TermsDocument) -> None:
        """Begins what takes long, if that can be done ahead."""


class LocalUpdates:
    """Makes one participant's updates from its own training.

    Args:
        board: where versions and rounds stand.
        blobs: where base versions come from.
        training: what is done with the data.
        work: this participant's folder, with one folder per round in it; kept between runs.
        address: the participant's, by which rounds ask for evaluations.
    """

    def __init__(
        self, board: RoundBoard, blobs: BlobStore, training: Training, work: Path, address: str
    ) -> None:
        self._board, self._blobs, self._training, self._work = board, blobs, training, work
        self._address = address
        # Of which round the base was fetched by this process: it isn't fetched twice.
        self._fetched = b""

    def require(self, document: TermsDocument) -> None:
        """Returns if the training offers what the terms ask for.

        Raises:
            ConfigError: as `require_offers`.
        """
        require_offers(self._training, document)

    def make(self, state: RoundState, document: TermsDocument) -> LocalUpdate:
        """Returns the update for a round: trained now, or taken from the buffer.

        Raises:
            UpdateRefused: the trained parameters are not finite.
            TrainingError: local training failed.
            ConfigError: the strategy needs what this training can't do.
        """
        if client_needs(document.strategy).buffers:
            kept = self.buffer(state, document)
            stale = state.terms.base_version - kept.version
            weight = min(staleness_weight(stale), state.terms.weight_cap)
            return LocalUpdate(kept.vector, weight, {"staleness": float(stale)})
        return self._trained(state, document)

    def buffer(self, state: RoundState, document: TermsDocument) -> BufferedUpdate:
        """Returns the buffered update, trained from the round's base if none there is fresh enough.

        Raises:
            UpdateRefused: the trained parameters are not finite.
            TrainingError: local training failed.
        """
        found = take_buffered(self._work, state.terms, document)
        if found is None:
            made = self._trained(state, document)
            found = BufferedUpdate(made.vector, state.terms.base_version)
            found.keep(self._work, state.terms, document)
        return found

    def begin(self, state: RoundState, document: TermsDocument) -> None:
        """Begins training for a round, if this training can be begun ahead and isn't steered."""
        corrected = client_needs(document.strategy).control_variates
        if not isinstance(self._training, Prefetchable) or corrected:
            return
        self._training.begin(self._base(state), self._plan(state, document))

    def _plan(self, state: RoundState, document: TermsDocument) -> LocalPlan:
        """Returns the round's plan for this participant, who may be asked to evaluate (R-14)."""
        terms = document.client_evaluation
        asked = terms is not None and terms.asks(state.round_id, self._address)
        # What waits in a buffer was trained from another base than the round that takes it.
        asked = asked and not client_needs(document.strategy).buffers
        return in_round(document.plan, state.number, evaluates=asked)

    def _base(self, state: RoundState) -> State:
        """Returns the base as it lies in its file: tensors to read, and to write copies of."""
        folder = self._work / state.round_id.hex() / "base"
        if self._fetched != state.round_id or not folder.is_dir():
            fetch_base(self._board, self._blobs, state.terms, folder)
            self._fetched = state.round_id
        with of_others(state, "base version"):
            return map_version(folder)

    def _trained(self, state: RoundState, document: TermsDocument) -> LocalUpdate:
        terms = state.terms
        base = self._base(state)
        with of_others(state, "terms document"):
            layout = layout_of(base, document)
        controls = None
        if client_needs(document.strategy).control_variates:
            folder = self._work / state.round_id.hex()
            kept = self._kept(state, CONTROL_VARIATE_FILE)
            controls = ControlVariates.of(kept, read_memory(folder / "base"), layout, folder)
        _check_ties(self._training, layout, document)
        plan = self._plan(state, document)
        result = self._run(self._base(state), plan, layout, controls)
        check_state(result.state, base)
        sent = self._sent(base, result.state, layout, state, document)
        counts = at_the_bounds(sent.vector, layout, terms.lattice)
        check_saturation(counts, layout, document.saturation)
        if controls is not None:
            controls.keep(in_parameters(dequantize(sent.vector, terms.lattice), layout))
        hidden = document.hidden
        cap = terms.weight_cap if hidden is None else hidden.weight_cap
        weight = min(_declared(result, document), cap)
        cut = {"saturated": float(sum(counts))} if any(counts) else {}
        metrics = {**result.metrics, **sent.diagnostics, **cut}
        return LocalUpdate(sent.vector, weight, metrics, result.evaluation)

    def _sent(
        self,
        base: State,
        trained: State,
        layout: Layout,
        state: RoundState,
        document: TermsDocument,
    ) -> TransformedUpdate:
        lattice, chain = state.terms.lattice, transforms(document.transforms)
        if not chain:
            return TransformedUpdate(quantized(base, trained, layout, lattice).vector)
        delta = difference(trained, base, layout)
        key = rng_key(self._work, state.round_id)
        # Kept in units of the parameters: the next round may have other scales.
        kept = {n: in_units(v, layout) for n, v in self._kept(state, _KEPT).items()}
        sent = sent_update(delta, chain, lattice, kept, key)
        if sent.memory:
            memory = {name: in_parameters(v, layout) for name, v in sent.memory.items()}
            keep_vectors(self._work / state.round_id.hex(), _KEPT, memory)
        return sent

    def _kept(self, state: RoundState, file: str) -> dict[str, FloatVector]:
        return newest_vectors(self._board, self._blobs, state, self._work, file)

    def _run(
        self, own: State, plan: LocalPlan, layout: Layout, controls: ControlVariates | None
    ) -> LocalResult:
        """Trains from a base of its own, which training may write to."""
        if controls is None:
            return self._training(own, plan)
        if not isinstance(self._training, Correctable):
            raise ConfigError(
                "the strategy corrects the gradient of every local step, and this training offers "
                "no way to: use trainer.module_training, or give the client a method steer"
            )
        correction = unflatten(controls.correction(plan), layout)
        return self._training.corrected(own, plan, correction)


def _check_ties(training: Training, layout: Layout, document: TermsDocument) -> None:
    """Checks that what is one tensor in the module isn't trained as two that may part (L-8).

    Raises:
        ConfigError: transforms, or other scales, would make two tensors of it.
    """
    ties: Mapping[str, str] = training.ties if isinstance(training, Tying) else {}
    shifts = dict(zip(layout.names, layout.shifts, strict=True))
    for copy, original in ties.items():
        trained = copy not in layout.tied and (copy in shifts or original in shifts)
        # One that is trained alone parts from the other, too.
        if trained and (document.transforms or shifts.get(copy) != shifts.get(original)):
            raise ConfigError(
                f"the module ties {copy!r} to {original!r}, and what these terms do to updates "
                f"would part them; the coordinator has to say --tied {copy}={original}"
            )


def _declared(result: LocalResult, document: TermsDocument) -> int:
    if document.plan.weight != "loss":
        return result.examples
    if result.base_loss is None or not 0 <= result.base_loss < float("inf"):
        raise TrainingError(
            f"expected the base version's loss on the local data, got {result.base_loss}; "
            "the strategy weighs updates by it"
        )
    return max(1, round(result.base_loss * _PARTS))
