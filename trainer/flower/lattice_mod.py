"""A client mod that replies with integers on the lattice: half the bytes of 32-bit floats, or less.

    app = ClientApp(mods=[lattice_mod])

The app trains as it always did. If the server's rules have transforms, they happen here, and what
they keep lies in the node's own state. Without transforms the mod can be left out: the server then
puts the reply on the lattice, the same integers in more bytes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from logging import WARNING

from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Error, Message
from flwr.clientapp.typing import ClientAppCallable
from flwr.common.constant import ErrorCode
from flwr.supercore import log

from registry.errors import AggregationError, ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.errors import UpdateRefused
from trainer.execution.execute import layout_of
from trainer.flower.records import arrays_in, is_training, record_of_vector, state_of_record
from trainer.transforms import Transform, TransformedUpdate, sent_update, transforms
from trainer.types import Lattice
from trainer.vectors.layout import Layout, check_state, difference, in_parameters, in_units
from trainer.vectors.quantizing import at_the_bounds, check_saturation
from trainer.vectors.safetensors_files import State

__all__ = ["LATTICE_RECORD", "asking", "lattice_mod", "lattice_update"]

LATTICE_RECORD = "tallystick-lattice"
_MEMORY = "tallystick-memory"


def asking(lattice: Lattice, document: TermsDocument) -> ConfigRecord:
    """Returns the record by which a server asks for integers."""
    return ConfigRecord(
        {
            "bits": lattice.bits,
            "step-exponent": lattice.step_exponent,
            "guard-bits": lattice.guard_bits,
            "clip-norm": str(lattice.clip_norm),
            "document": document.to_json().decode(),
        }
    )


def lattice_update(
    base: State,
    trained: State,
    layout: Layout,
    lattice: Lattice,
    chain: Sequence[Transform] = (),
    context: Context | None = None,
) -> TransformedUpdate:
    """Returns what training changed, on the lattice.

    Args:
        base: what was trained from.
        trained: what came of it.
        layout: of the vector.
        lattice: of the integers.
        chain: the transforms; none on a server.
        context: whose state holds what transforms kept; None on a server.

    Raises:
        AggregationError: other tensors, shapes or types than the base's (T-28).
        UpdateRefused: NaN or infinity (T-27).
    """
    check_state(trained, base)
    delta = difference(trained, base, layout)
    if context is None:
        return sent_update(delta, chain, lattice)
    kept = context.state.array_records.get(_MEMORY, ArrayRecord())
    # Kept in units of the parameters: the next message may ask for other scales.
    memory = {name: in_units(array.numpy(), layout) for name, array in kept.items()}
    # Nobody takes up a message again here, so each one draws by a secret of its own.
    sent = sent_update(delta, chain, lattice, memory, secrets.token_bytes(32))
    return replace(sent, memory={n: in_parameters(v, layout) for n, v in sent.memory.items()})


def lattice_mod(message: Message, context: Context, call_next: ClientAppCallable) -> Message:
    """Lets the app train, then puts what changed in place of its arrays."""
    asked = message.content.config_records.get(LATTICE_RECORD)
    if asked is None or not is_training(message):
        return call_next(message, context)
    # Read before the app runs: an app may take the arrays out of the message.
    base = state_of_record(arrays_in(message.content))
    reply = call_next(message, context)
    if reply.has_error():
        return reply
    try:
        lattice, layout, document = _asked(asked, base)
        chain = transforms(document.transforms)
        trained = state_of_record(arrays_in(reply.content))
        sent = lattice_update(base, trained, layout, lattice, chain, context)
        counts = at_the_bounds(sent.vector, layout, lattice)
        check_saturation(counts, layout, document.saturation)
    except (AggregationError, ConfigError, UpdateRefused) as error:
        log(WARNING, "lattice_mod: %s", error)
        if _hides_nothing(asked):
            # The reply goes as it is: the server refuses it and says why.
            return reply
        # What noise was to hide isn't sent without it.
        return Message(Error(ErrorCode.MOD_FAILED_PRECONDITION, str(error)), reply_to=message)
    if sent.memory:
        kept = {name: Array(vector) for name, vector in sent.memory.items()}
        context.state[_MEMORY] = ArrayRecord(kept)
    reply.content[next(iter(reply.content.array_records))] = record_of_vector(sent.vector)
    return reply


def _asked(record: ConfigRecord, base: State) -> tuple[Lattice, Layout, TermsDocument]:
    try:
        numbers = [record[name] for name in ("bits", "step-exponent", "guard-bits", "clip-norm")]
        lattice = Lattice(*(int(number) for number in numbers))  # type: ignore[arg-type]
        text = str(record["document"]).encode()
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{LATTICE_RECORD}: expected a lattice and a document") from error
    document = TermsDocument.parse(text)
    return lattice, layout_of(base, document), document


def _hides_nothing(asked: ConfigRecord) -> bool:
    """Tells whether a server asked for an update that no transform changes."""
    try:
        return not TermsDocument.parse(str(asked.get("document", "")).encode()).transforms
    except ConfigError:
        return False
