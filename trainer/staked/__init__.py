"""Rounds under stake: who proposes an aggregate, who watches it, and what is proved against it.

Which updates count is decided by the chain alone (F-7). Their numerators form a tree whose top is
proposed with the new version, the scores' shares and a payout root. Whoever has the updates works
the same tree out and compares: `faults` names what is wrong, `Watcher` proves it.

* pure: `state` folds what happened, `verdict` and `version_verdict` say what is wrong with a
  proposal, `comparison` where its weights differ, `suspects` which chunks may still be wrong,
  `watcher_policy` what to do next, as one of `watcher_actions`; `servers`, `bases` and
  `version_parts` say what the chain can judge, `acceptance` which terms an account can live with.
* from public content: `evidence` (updates), `numerator_trees`, `aggregate` (from numerators to the
  version), `published` (what a proposer lays open), `disclosure` (what is known of a proposal),
  `outcome` (all of it), in `work_folders`.
* who acts, over `ports`: `proposer`, `watcher`, `evaluator`, `holder`, `staked_participant`, with
  `answers` to questions; `agent` does it for one account, `round_loop` for a sponsor.
"""

from __future__ import annotations
