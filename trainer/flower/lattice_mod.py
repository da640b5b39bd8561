"""A client mod that replies with integers on the lattice: half the bytes of 32-bit floats.

    app = ClientApp(mods=[lattice_mod])

The app trains as it always did. Without the mod, the server puts its reply on the lattice: the
same integers, more bytes.
"""

from __future__ import annotations

from logging import WARNING

from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Message
from flwr.clientapp.typing import ClientAppCallable
from flwr.supercore import log

from registry.errors import AggregationError, ConfigError
from trainer.errors import UpdateRefused
from trainer.flower.records import arrays_in, is_training, state_of_record
from trainer.lattice import quantise
from trainer.parameters import Layout, check_state, flatten
from trainer.tensor_files import State
from trainer.types import IntVector, Lattice

__all__ = ["LATTICE_RECORD", "VECTOR", "asking", "lattice_mod", "lattice_update"]

LATTICE_RECORD = "tallystick-lattice"
VECTOR = "tallystick.update"


def asking(lattice: Lattice, patterns: tuple[str, ...], buffers: str) -> ConfigRecord:
    """Returns the record by which a server asks for integers."""
    return ConfigRecord(
        {
            "bits": lattice.bits,
            "step-exponent": lattice.step_exponent,
            "guard-bits": lattice.guard_bits,
            "clip-norm": str(lattice.clip_norm),
            "parameters": list(patterns),
            "buffers": buffers,
        }
    )


def lattice_update(base: State, trained: State, layout: Layout, lattice: Lattice) -> IntVector:
    """Returns what training changed, as lattice values of shape (layout.length,).

    Raises:
        AggregationError: other tensors, shapes or types than the base's (T-28).
        UpdateRefused: NaN or infinity (T-27).
    """
    check_state(trained, base)
    return quantise(flatten(trained, layout) - flatten(base, layout), lattice)


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
        lattice, layout = _asked(asked, base)
        trained = state_of_record(arrays_in(reply.content))
        vector = lattice_update(base, trained, layout, lattice)
    except (AggregationError, ConfigError, UpdateRefused) as error:
        # The reply goes as it is: the server refuses it and says why.
        log(WARNING, "lattice_mod: %s", error)
        return reply
    key = next(iter(reply.content.array_records))
    reply.content[key] = ArrayRecord({VECTOR: Array(vector)})
    return reply


def _asked(record: ConfigRecord, base: State) -> tuple[Lattice, Layout]:
    try:
        numbers = [record[name] for name in ("bits", "step-exponent", "guard-bits", "clip-norm")]
        patterns, buffers = record["parameters"], str(record["buffers"])
        lattice = Lattice(*(int(number) for number in numbers))  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{LATTICE_RECORD}: expected a lattice and patterns") from error
    if not isinstance(patterns, list):
        raise ConfigError(f"{LATTICE_RECORD}: expected a list of patterns, got {patterns!r}")
    return lattice, Layout.of(base, [str(pattern) for pattern in patterns], buffers)
