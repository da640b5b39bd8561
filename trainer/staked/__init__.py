"""Rounds under stake: who proposes an aggregate, who watches it, and what is proved against it.

Which updates count is decided by the chain alone (F-7). Their numerators form a tree whose top is
proposed with the new version, the scores' shares and a payout root. Whoever has the updates works
the same tree out and compares: `faults` names what is wrong, `Watcher` proves it.

* pure: `state`, `deeds`, `judging`, `suspects`, `deciding`, `rounding`.
* from public content: `evidence` (updates), `calculation` (numerators and trees), `published`
  (what a proposer lays open), `disclosure` (what is known of a proposal), `outcome` (all of it).
* who acts: `Proposer` and `Watcher`, over the ports `StakedBoard`, `BlobStore` and `Clock`.
"""

from __future__ import annotations
