"""Which files a model may consist of: none that would run code when opened (C-3, T-25).

A file is judged by its name and by its structure, and nothing is ever opened as what it might be:

* `checking` walks a folder and puts every file before the judges below.
* `pickle_opcodes` reads a pickle's opcodes, `pickle_machine` follows them on a stack of kinds and
  calls nothing: so a stream that would import and call something is told from text that merely
  begins with the same letters.
* `pickle_search` says where in a file such a stream is looked for, and how far.
* `containers` looks into what is compressed and into zip archives, within bounds (T-26).
* `arrays` reads the header of a NumPy array.

Hidden files (a leading dot), `.git` among them, are never part of a version, so they are not
judged.

* `names` says which names files may have, `safetensors_header` checks a header; `byte_stream` and
  `compressed` read within bounds, `local_files` tells what the system says of a file.
"""

from __future__ import annotations

from registry.model_files.checking import REFUSED_SUFFIXES, check_model_file, check_model_folder

__all__ = ["REFUSED_SUFFIXES", "check_model_file", "check_model_folder"]
