"""Participants that misbehave, for tests, benchmarks and demonstrations.

Each makes a `Training` that a `Participant` takes in place of an honest one: `free_rider` looks at
no data, `sign_flip` turns an update round, `scaled` blows it up.
"""

from __future__ import annotations

from trainer.attacks.free_rider import free_rider
from trainer.attacks.scaling import scaled
from trainer.attacks.sign_flip import sign_flip

__all__ = ["free_rider", "scaled", "sign_flip"]
