"""A federation to try: what `tally train example` writes.

* `folder`: a first version, three owners' digits and a validation set, as files;
* `hospital`: the owners' training code, which is copied beside them as it is.
"""

from __future__ import annotations

from trainer.example.folder import OWNERS, write_example

__all__ = ["OWNERS", "write_example"]
