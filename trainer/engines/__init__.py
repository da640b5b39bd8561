"""Where participants run.

* `run_in_process` takes every step in one process.
* `LocalEngine` starts one process per participant from a command factory, and watches them.

By module: `in_process`, `local`, and `ray` on many machines; `crew` is who one process runs.
"""

from __future__ import annotations

from trainer.engines.in_process import run_in_process
from trainer.engines.local import Command, LocalEngine

__all__ = ["Command", "LocalEngine", "run_in_process"]
