"""The chain's side of an audited app: bases, rounds and versions, without Flower's messages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
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
from trainer.flower.round_options import RoundOptions
from trainer.flower.rules import DerivedRules
from trainer.ports import RoundContext
from trainer.privacy.hidden_actions import second_half, summing_action
from trainer.privacy.hidden_state import HiddenState
from trainer.protocol.actions import RoundStep
from trainer.protocol.round_state import phase_at
from trainer.training.step_proposal import proposed_steps
from trainer.types import Lattice, Phase
from trainer.vectors.layout import Layout, check_scales, check_state
from trainer.vectors.safetensors_files import State

__all__ = ["Conductor"]

_LARGEST_VERSION = 1 << 40
_BITS, _GUARD_BITS = 16, 8
_ENDS = (Phase.ENROLMENT, Phase.COMMIT, Phase.REVEAL)


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
        round_id = self._coordinator.open(terms, document, invited)
        if document.hidden is not None:
            self._coordinator.step(round_id)  # the contract hides it before anybody enrols
        return round_id

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
            scoring="examples" if options.hidden is None else "equal",
            hidden=options.hidden,
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

    def await_bundles(self, round_id: bytes, share: Callable[[], object]) -> None:
        """Has the nodes of a hidden round share their secrets; returns when that is over.

        Args:
            round_id: whose enrolment is over; of a plain round there is nothing to do.
            share: asks the nodes.
        """
        if self._hidden(round_id) is None:
            return
        end = self._board.state(round_id).terms.enrolment_deadline
        while not self._require(round_id).keys_closed(end, self._clock.now()):
            self._clock.wait_until(end)
        share()
        end = self._require(round_id).schedule.bundle_deadline
        while not self._require(round_id).bundles_closed(self._clock.now()):
            self._clock.wait_until(end)

    def reveal(
        self, round_id: bytes, openings: Mapping[str, Opening], unmask: Callable[[], object]
    ) -> None:
        """Reveals what was committed; in a hidden round, has the nodes open what sums need.

        Args:
            round_id: an open round whose participants have trained.
            openings: by participant. Who knows an opening may reveal it.
            unmask: asks the nodes. They are asked again as long as that opens more, and in the
                second half of the time, where somebody didn't open its own, for its neighbours'
                shares.
        """
        self._await(round_id, Phase.COMMIT)
        self._reveal(round_id, openings)
        if self._hidden(round_id) is None:
            return
        self._await(round_id, Phase.REVEAL)
        self._unmask(round_id, unmask)

    def _unmask(self, round_id: bytes, unmask: Callable[[], object]) -> None:
        half = second_half(self._board.state(round_id), self._require(round_id))
        asked = None
        while asked is None or self._is_waiting(round_id):
            now = self._require(round_id), self._clock.now() >= half
            # Seeds come after keys: what one node opened may be what another waited for.
            if now != asked:
                asked = now
                unmask()
            elif asked[1]:
                return
            else:
                self._clock.wait_until(half)

    def settle(self, round_id: bytes) -> State | None:
        """Ends a revealed round and returns the new version's tensors; None if there is none."""
        result = self._coordinator.run_round(round_id)
        self._tell(result)
        return None if result.version is None else self._newest()

    def _hidden(self, round_id: bytes) -> HiddenState | None:
        return self._board.hidden.state(round_id)

    def _require(self, round_id: bytes) -> HiddenState:
        hidden = self._hidden(round_id)
        assert hidden is not None  # noqa: S101  (it was)
        return hidden

    def _is_waiting(self, round_id: bytes) -> bool:
        """Tells whether some group lacks what only nodes can open."""
        state, hidden = self._board.state(round_id), self._require(round_id)
        action = summing_action(state, hidden, self._clock.now())
        return action is not None and action.step is RoundStep.WAIT

    def result(self, round_id: bytes) -> RoundResult:
        """Returns how a round ended."""
        return self._coordinator.result(round_id)

    def _await(self, round_id: bytes, last: Phase) -> None:
        while phase_at(state := self._board.state(round_id), self._clock.now()) <= last:
            self._clock.wait_until(state.terms.deadlines[_ENDS.index(last)])

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
