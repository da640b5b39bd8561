"""Sums of updates that nobody sees one by one: masks on the lattice.

* `hidden_terms` says how a round hides, `neighbour_graph` who is whose neighbour in it,
  `mask_seeds` what masks are drawn from, `secret_shares` and `round_secrets` what neighbours hold
  of each other;
* `hidden_state` is what the chain has of a round, `hidden_board` the seam to it; `hidden_actions`
  what is due, `opening` what anybody does before there is a sum;
* `hidden_sums` is the sum of a group;
* `packing`: values of as many bits as the sum needs, one after another;
* `masking`: an update under its masks, and the sum of such updates without them;
* `hidden_updates`: what a participant of a hidden round commits to;
* `masked_roots`: the root of a packed vector and proofs of its chunks (L-4).

Keystreams and packing are computed in `trainer.kernels`.
"""
