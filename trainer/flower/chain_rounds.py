"""The chain's side of an audited app: bases, rounds and versions, without Flower's messages."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from logging import INFO, WARNING
from pathlib import Path

from flwr.supercore import log

from registry.addresses import ZERO_ADDRESS
from registry.chain.contract_signatures import ChainSignatureChecker
from registry.documents.allow_list import AllowList
from registry.documents.batch_entries import Opening
from registry.errors import AggregationError, ConfigError
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.coordinator.round_loop import RoundPlan, unfinished
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import commitment
from trainer.documents.version_folders import first_version, read_version
from trainer.flower.environment import AppEnvironment
from trainer.flower.rules import DerivedRules
from trainer.ports import RoundContext
from trainer.protocol.round_state import phase_at
from trainer.training.step_proposal import proposed_steps
from trainer.transforms import TransformTerms, transforms
from trainer.types import Lattice, Phase
from trainer.vectors.layout import Layout, check_scales, check_state
from trainer.vectors.safetensors_files import State

__all__ = ["Conductor", "RoundOptions"]

_LARGEST_VERSION = 1 << 40
_BITS, _GUARD_BITS = 16, 8
_RANGES = {
    "budget": (0, 2**128 - 1),
    "weight_cap": (1, 2**62),
    "minimum": (1, 2**32 - 1),
    "phase_seconds": (1, 2**32),
    "challenge_seconds": (0, 2**32),
}


@dataclass(frozen=True)
class RoundOptions:
    """What the rounds of an audited app have in common. Times in seconds.

    Args:
        budget: paid per round, in the token's smallest unit.
        token: the reward token's address; the deployment's RewardToken without it.
        lattice: how updates become integers; without one, 16 bits and a step that is fitted to the
            newest version, with scales for its running statistics.
        scales: patterns of tensors whose unit is larger, and by which exponent (L-7).
        saturation: how many of a million values of a tensor may be cut (L-9).
        tied: names of one tensor: copies, and what they are copies of (L-8).
        weight_cap: the most examples that an update counts for.
        minimum: the fewest nodes that make a round.
        parameters: patterns of the tensors that are trained.
        buffers: "average" the floating statistics, as Flower does, or "keep" them.
        transforms: what a node does to its update before it sends it (`trainer.transforms`).
        phase_seconds: the longest that enrolment, commit, reveal and proposal each take; training
            happens within one.
        challenge_seconds: between proposal and end; Flower waits for it in every round.

    Raises:
        ConfigError: a value that is no such thing, or out of range.
    """

    budget: int = 0
    token: str = ""
    lattice: Lattice | None = None
    scales: tuple[tuple[str, int], ...] = ()
    saturation: int = 1_000
    tied: Mapping[str, str] = field(default_factory=dict)
    weight_cap: int = 100_000
    minimum: int = 2
    parameters: tuple[str, ...] = ("*",)
    buffers: str = "average"
    transforms: tuple[TransformTerms, ...] = ()
    phase_seconds: int = 600
    challenge_seconds: int = 60

    def __post_init__(self) -> None:
        """Checks the values, before a chain is asked."""
        if self.lattice is not None and not isinstance(self.lattice, Lattice):
            raise ConfigError(f"lattice: expected a Lattice or None, got {self.lattice!r:.100}")
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise ConfigError(f"{name}: expected an integer from {least} to {most}: {value!r}")
        transforms(self.transforms)
        TermsDocument(
            parameters=self.parameters,
            buffers=self.buffers,
            scales=self.scales,
            saturation=self.saturation,
            tied=self.tied,
        )


class Conductor:
    """Opens a round for the nodes of a Flower round, and ends it with a published version.

    Args:
        ground: of the coordinator's account.
        options: what the rounds have in common.
    """

    def __init__(self, ground: AppEnvironment, options: RoundOptions) -> None:
        self._ground, self._options = ground, options
        self._board, self._blobs, self._clock = ground.board, ground.blobs, ground.clock
        gateway = ground.client.connection.gateway
        self._coordinator = Coordinator(
            RoundContext(self._board, self._blobs, self._clock),
            ground.work,
            code_checker=ChainSignatureChecker(gateway),
        )
        self.refused: dict[str, str] = {}

    def base(self, given: State) -> State:
        """Returns the newest version's tensors; publishes the given ones if there is no version.

        Raises:
            ConfigError: the model's versions have other tensors than the app's.
        """
        if not self._has_version():
            self._publish_first(given)
        model_id = self._model_id
        # A round that a stopped server left open is brought to its end first.
        while (round_id := unfinished(self._board, model_id)) is not None:
            self._coordinator.run_round(round_id)
        found = self._newest()
        try:
            check_state(found, given)
        except AggregationError as error:
            raise ConfigError(f"{self._ground.model}: not the app's model: {error}") from error
        return found

    @property
    def _model_id(self) -> bytes:
        return self._ground.client.model(self._ground.model).model_id

    def _has_version(self) -> bool:
        slug, account = self._ground.model, self._board.account
        models = self._ground.client.models()
        known = [m for m in models if slug in (m.slug, f"{m.owner}/{m.slug}")]
        # Somebody else's model of that name isn't in the way of registering one's own.
        own = [m for m in known if account in (m.owner, *m.publishers)]
        return any(self._board.versions(model.model_id) for model in own)

    def _publish_first(self, given: State) -> None:
        folder = self._ground.work / "first"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        card = f"# {self._ground.model}\n\nThe arrays that a Flower app began with.\n"
        (folder / "README.md").write_text(card)
        first_version(folder, given, architecture=self._ground.model.rpartition("/")[2])
        version = self._ground.client.publish(folder, self._ground.model)
        log(INFO, "published the initial arrays as version %d", version.number)

    def _newest(self) -> State:
        version = self._board.versions(self._model_id)[-1]
        folder = self._folder(f"version-{version.number}")
        self._blobs.get_folder(version.content_digest, folder, _LARGEST_VERSION)
        return read_version(folder)

    def _folder(self, name: str) -> Path:
        folder = self._ground.work / "versions" / self._model_id.hex()[:16] / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        return folder

    def open(self, rules: DerivedRules, participants: Collection[str]) -> bytes:
        """Opens a round from the newest version for these addresses alone; returns its id.

        Raises:
            ConfigError: options or rules out of range.
            RoundError: the board refused the terms.
        """
        invited = AllowList.of(participants)
        model_id = self._model_id
        newest = self._board.versions(model_id)[-1].number
        lattice, scales = self._steps()
        plan = self._plan(rules, len(invited.addresses), lattice, scales)
        terms, document = plan.terms(model_id, newest, self._clock.now(), invited)
        return self._coordinator.open(terms, document, invited)

    def _steps(self) -> tuple[Lattice, tuple[tuple[str, int], ...]]:
        """Returns the lattice and the scales: the options', or fitted to the newest version."""
        o = self._options
        base = self._newest()
        check_scales(base, o.scales)
        if o.lattice is not None:
            return o.lattice, o.scales
        layout = Layout.of(base, o.parameters, o.buffers, (), o.tied)
        fed_back = any(transform.name == "error_feedback" for transform in o.transforms)
        found = proposed_steps(base, layout, _BITS, fed_back=fed_back)
        return Lattice(_BITS, found.step_exponent, _GUARD_BITS), (*found.scales, *o.scales)

    def _plan(
        self, rules: DerivedRules, seats: int, lattice: Lattice, scales: tuple[tuple[str, int], ...]
    ) -> RoundPlan:
        options = self._options
        connection = self._ground.client.connection
        token = options.token or str(connection.deployment.address("RewardToken"))
        document = TermsDocument(
            strategy=rules.strategy,
            strategy_parameters=rules.strategy_parameters,
            aggregator=rules.aggregator,
            aggregator_parameters=rules.aggregator_parameters,
            parameters=options.parameters,
            buffers=options.buffers,
            plan=rules.plan,
            transforms=options.transforms,
            scales=scales,
            saturation=options.saturation,
            tied=options.tied,
        )
        return RoundPlan(
            document=document,
            lattice=lattice,
            seats=seats,
            minimum=options.minimum,
            phase_seconds=options.phase_seconds,
            challenge_window=options.challenge_seconds,
            weight_cap=options.weight_cap,
            token=token if options.budget else ZERO_ADDRESS,
            budget=options.budget,
        )

    def await_enrolment(self, round_id: bytes) -> None:
        """Returns when everybody has enrolled, or the time for it is over."""
        self._await(round_id, Phase.ENROLMENT)

    def settle(self, round_id: bytes, openings: Mapping[str, Opening]) -> State | None:
        """Reveals what was committed, ends the round and returns the new version's tensors.

        Args:
            round_id: an open round whose participants have trained.
            openings: by participant. Who knows an opening may reveal it.

        Returns:
            None if the round came to nothing.
        """
        self._await(round_id, Phase.COMMIT)
        self._reveal(round_id, openings)
        result = self._coordinator.run_round(round_id)
        self._tell(result)
        return None if result.version is None else self._newest()

    def result(self, round_id: bytes) -> RoundResult:
        """Returns how a round ended."""
        return self._coordinator.result(round_id)

    def _await(self, round_id: bytes, last: Phase) -> None:
        while phase_at(state := self._board.state(round_id), self._clock.now()) <= last:
            enrolling = last is Phase.ENROLMENT
            terms = state.terms
            self._clock.wait_until(terms.enrolment_deadline if enrolling else terms.commit_deadline)

    def _reveal(self, round_id: bytes, openings: Mapping[str, Opening]) -> None:
        state = self._board.state(round_id)
        place = self._board.chain_id, self._board.rounds_address, round_id
        for participant, opening in sorted(openings.items()):
            if participant in state.reveals:
                continue
            # A false opening would be refused by the contract; the others still count.
            if state.commitments.get(participant) != commitment(*place, participant, opening):
                self.refused[participant] = "its opening isn't that of its commitment"
                log(WARNING, "%s: %s", participant, self.refused[participant])
                continue
            self._board.reveal(round_id, participant, opening)

    def _tell(self, result: RoundResult) -> None:
        if result.document is None or result.version is None:
            log(WARNING, "the round was voided: nothing acceptable was revealed in time")
            return
        refused = {r.participant: r.reason.value for r in result.document.refused}
        self.refused |= refused
        accepted = len(result.document.accepted)
        log(INFO, "version %d: %d accepted, %s", result.version.number, accepted, refused or "all")
