"""Between a model's tensors and the one vector of integers that a round is about.

* in files: `safetensors_files` (read with limits, written to the same bytes every time),
  `arrays` (a client's arrays by order), `torch_modules` (modules and plain states);
* as one vector: `layout` (which tensor lies where), `lattice` and `lattice_terms` (the integers and
  their units), `quantizing` (floats onto the lattice), `clusters` (several models in one version);
* by hash: `vector_roots` (the root of a vector and proofs of its chunks), `stored_vectors` (the
  same, block by block from files);
* arithmetic: `server_step` (a base moved by an aggregate), `float_formats` (floating point in
  integers, as the contracts compute it), `tensor_stretches` (what the kernels take).

Every function is pure, or reads the one file that it names. Nothing here knows of rounds.
"""
