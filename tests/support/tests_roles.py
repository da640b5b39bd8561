"""Named roles, so that a test reads as a story."""

from __future__ import annotations

from registry.signing import LocalSigner

OWNER = LocalSigner.from_key((0xA11CE).to_bytes(32, "big"))
PUBLISHER = LocalSigner.from_key((0xB0B).to_bytes(32, "big"))
HOSPITAL = LocalSigner.from_key((0xCA11).to_bytes(32, "big"))
STRANGER = LocalSigner.from_key((0xDEAD).to_bytes(32, "big"))
