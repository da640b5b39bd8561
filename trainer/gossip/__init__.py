"""Rounds without anyone in the middle: peers mix with their neighbours until they agree.

* `graph`: who mixes with whom.
* `mixing`: one step, in integers that lose nothing.
* `exchange`: what peers revealed, from the board and storage.
* `mixed_updates`: a peer's update in a mixing step.
* `steps`: which step is next, who opens it, and when all agree.
* `peer`: one peer's part from training to the published version.
* `rounds`: one round after another.
"""

from __future__ import annotations

from trainer.gossip.graph import Graph, named_graph
from trainer.gossip.peer import Agreement, GossipPeer

__all__ = ["Agreement", "GossipPeer", "Graph", "named_graph"]
