"""Who enrols, trains on its own data, commits to its update and reveals it.

`participant` acts in one round, `round_loop` leads from round to round; `local_updates` makes the
update, `journal` keeps what a commitment hides, `client_state` what is carried from round to round
(`control_variates` for SCAFFOLD, `buffered_updates` for FedBuff); `failures` is what went wrong, in
one line for the owner. `invitations` tells who may take a seat, `training_offers` whether a
training can do what a round asks for, and `earnings` what a round pays. `hidden_participation`
takes the steps of hidden rounds, and `hidden_folder` keeps their secrets on the disk.
"""

from __future__ import annotations

from trainer.participant.participant import Participant

__all__ = ["Participant"]
