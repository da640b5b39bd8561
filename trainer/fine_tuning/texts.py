"""From texts to token numbers, by the tokenizer that lies beside a base model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.fine_tuning.libraries import library

__all__ = ["TOKENIZER", "tokenised"]

TOKENIZER = "tokenizer.json"


def tokenised(folder: Path, texts: Sequence[str], length: int, padding: int = 0) -> torch.Tensor:
    """Returns the token numbers of texts, cut or filled up to one length.

    Args:
        folder: the base model's; its `tokenizer.json` is read.
        texts: n of them.
        length: tokens per text, at least 2.
        padding: the number that fills up.

    Returns:
        Shape (n, length), 64-bit integers.

    Raises:
        ConfigError: no tokenizer, or a malformed one, or too small a length.
    """
    path = folder / TOKENIZER
    if path.is_symlink() or not path.is_file():
        raise ConfigError(f"{path}: expected the base model's tokenizer; fetch the base whole")
    if length < 2:
        raise ConfigError(f"expected a length of at least 2 tokens, got {length}")
    try:
        made = library("tokenizers").Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise ConfigError(f"{path}: expected a tokenizer, got {str(error)[:200]}") from error
    made.enable_truncation(length)
    made.no_padding()
    found = torch.full((len(texts), length), padding, dtype=torch.int64)
    for row, encoding in enumerate(made.encode_batch(list(texts))):
        found[row, : len(encoding.ids)] = torch.tensor(encoding.ids, dtype=torch.int64)
    return found
