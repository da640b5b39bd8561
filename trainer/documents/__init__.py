"""What rounds store and name by digest: one module reads and writes each format.

* folders: `update_folders` and `update_files` (an update, signed), `masked_updates` (a hidden one),
  `version_folders` (a version);
* canonical JSON: `terms_document` (what of the terms the chain keeps by digest only), `results`
  (what a round came to, made into the registry's result document);
* `compatibility` refuses rules that make no sense together, `hidden_compatibility` what hidden
  rounds can't have, `fetching` gets a named document and holds it against its digest, `details`
  makes refusals fit to be stored and shown.
"""

from __future__ import annotations

from trainer.documents.terms_document import TermsDocument

__all__ = ["TermsDocument"]
