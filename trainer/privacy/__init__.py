"""Sums of updates that nobody sees one by one: masks on the lattice.

* `packing`: values of as many bits as the sum needs, one after another;
* `masking`: an update under its masks, and the sum of such updates without them;
* `hidden_updates`: what a participant of a hidden round commits to;
* `masked_roots`: the root of a packed vector and proofs of its chunks (L-4).

Keystreams and packing are computed in `trainer.kernels`.
"""
