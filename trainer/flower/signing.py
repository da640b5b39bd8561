"""The client's one line: what an app trains is signed, stored and committed to before it replies.

    app = ClientApp(mods=[signing_mod])

It has to be the first of the mods, so that what it signs is what the others made of the app's
reply. The app itself trains as it always did, and its reply goes out unchanged beside the opening.
In a hidden round only the opening goes out: arrays and metrics are what is to be hidden.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from logging import WARNING

import torch
from flwr.app import Context, Message, RecordDict
from flwr.clientapp.typing import ClientAppCallable
from flwr.supercore import log

from registry.documents.batch_entries import Opening
from registry.errors import AggregationError, ConfigError, RoundError, TrainingError
from registry.signing import LocalSigner
from trainer.errors import UpdateRefused
from trainer.flower.environment import (
    AppEnvironment,
    client_signer,
    open_ground,
    requires_hidden,
)
from trainer.flower.records import arrays_in, is_training, state_of_record, weight_in
from trainer.flower.wire import ANSWER, Request, WireRequest, answer_of
from trainer.participant.participant import Participant
from trainer.plan.training_plan import LocalPlan
from trainer.ports import RoundContext
from trainer.privacy.hidden_actions import masking_action
from trainer.protocol.actions import RoundStep
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

__all__ = ["signing_mod"]

_LARGEST_WEIGHT = 1 << 62


def signing_mod(message: Message, context: Context, call_next: ClientAppCallable) -> Message:
    """Takes part in the server's rounds; leaves the messages of other servers alone.

    Raises:
        ConfigError: no key or no model in the environment, or a malformed request.
        RoundError: the round is another model's, or shows what is to be hidden, or the chain
            refused.
    """
    request = Request.of(message.content) if is_training(message) else None
    if request is None:
        if is_training(message) and requires_hidden(os.environ):
            raise ConfigError(
                "this node trains in hidden rounds alone, and this server audits none"
            )
        return call_next(message, context)
    signer = client_signer(context, os.environ)
    if request.asked is WireRequest.ADDRESS:
        return Message(RecordDict({ANSWER: answer_of(signer.address)}), reply_to=message)
    with open_ground(signer, os.environ) as ground:
        _check_model(ground, request.round_id)
        _check_hidden(ground, request.round_id)
        if request.asked is not WireRequest.TRAIN:
            participant = _participant(ground, signer, _no_training)
            _STEPS[request.asked](ground, participant, request.round_id)
            return Message(RecordDict({ANSWER: answer_of(signer.address)}), reply_to=message)
        return _train(ground, signer, request, message, context, call_next)


def _check_model(ground: AppEnvironment, round_id: bytes) -> None:
    # A server could ask for a signature in anybody's round: only the named model's are taken.
    if ground.board.state(round_id).terms.model_id != ground.client.model(ground.model).model_id:
        raise RoundError(
            f"expected a round of {ground.model}, got another model's; ask who runs it"
        )


def _participant(ground: AppEnvironment, signer: LocalSigner, training: Training) -> Participant:
    return Participant(
        RoundContext(ground.board, ground.blobs, ground.clock), signer, training, ground.work
    )


def _no_training(base: State, plan: LocalPlan) -> LocalResult:
    raise TrainingError("expected a message with arrays to train from, got none")


def _check_hidden(ground: AppEnvironment, round_id: bytes) -> None:
    if requires_hidden(os.environ) and ground.board.hidden.state(round_id) is None:
        raise RoundError("this node trains in hidden rounds alone, and this one shows each update")


def _enrol(ground: AppEnvironment, participant: Participant, round_id: bytes) -> None:
    progress = participant.step(round_id)
    if progress.next.step is RoundStep.LEAVE:
        raise RoundError("expected a seat in the round, got none: it is closed or not for us")
    _mask(ground, participant, round_id)


def _mask(ground: AppEnvironment, participant: Participant, round_id: bytes) -> None:
    """Publishes the key of a hidden round and shares its secrets, as far as it is time to."""
    board, me = ground.board, participant.address
    while (hidden := board.hidden.state(round_id)) is not None:
        action = masking_action(board.state(round_id), hidden, me, ground.clock.now())
        if action is None or action.step not in (RoundStep.PUBLISH_KEY, RoundStep.SHARE_SECRETS):
            return
        participant.step(round_id)


def _open(ground: AppEnvironment, participant: Participant, round_id: bytes) -> None:
    """Opens what sums need of it: by the chain's record of who survived, and nothing else."""
    while participant.unmask(round_id):
        pass


_STEPS: Mapping[WireRequest, Callable[[AppEnvironment, Participant, bytes], None]] = {
    WireRequest.ENROL: _enrol,
    WireRequest.SHARE: _mask,
    WireRequest.OPEN: _open,
}


def _train(
    ground: AppEnvironment,
    signer: LocalSigner,
    request: Request,
    message: Message,
    context: Context,
    call_next: ClientAppCallable,
) -> Message:
    sent = state_of_record(arrays_in(message.content))
    replies: list[Message] = []

    def training(base: State, plan: LocalPlan) -> LocalResult:
        _check_sent(sent, base)
        replies.append(call_next(message, context))
        if replies[0].has_error():
            raise TrainingError(f"the app failed: {replies[0].error.reason}")
        content = replies[0].content
        weight = weight_in(content, request.weighted_by, _LARGEST_WEIGHT)
        return LocalResult(state_of_record(arrays_in(content)), weight, {})

    participant = _participant(ground, signer, training)
    opening, refused = None, ""
    try:
        opening = _committed(ground, participant, request.round_id)
    except (AggregationError, ConfigError, TrainingError, UpdateRefused) as error:
        refused = str(error)
        log(WARNING, "signing_mod: %s", error)
    if ground.board.hidden.state(request.round_id) is not None:
        told = answer_of(signer.address, opening, refused)
        return Message(RecordDict({ANSWER: told}), reply_to=message)
    # A node that was restarted has committed already; its app still owes Flower a reply.
    reply = replies[0] if replies else call_next(message, context)
    if not reply.has_error():
        reply.content[ANSWER] = answer_of(signer.address, opening, refused)
    return reply


def _check_sent(sent: State, base: State) -> None:
    if set(sent) != set(base) or not all(torch.equal(sent[name], base[name]) for name in base):
        raise TrainingError("the arrays that came aren't those of the round's base version")


def _committed(ground: AppEnvironment, participant: Participant, round_id: bytes) -> Opening:
    board, clock = ground.board, ground.clock
    while participant.address not in board.state(round_id).commitments:
        progress = participant.step(round_id)
        if progress.next.step is RoundStep.LEAVE:
            raise RoundError("expected to commit, got no chance: the commit phase is over")
        if not progress.acted:
            clock.wait_until(progress.next.until)
    return participant.opening(round_id)
