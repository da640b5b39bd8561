"""The libraries that fine-tuning needs and the rest doesn't, kept from the network."""

from __future__ import annotations

import importlib
import os
from typing import Any

from registry.errors import ConfigError

__all__ = ["library"]

_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    # Without it the tokenizer warns of forks, which data loaders make.
    "TOKENIZERS_PARALLELISM": "false",
}


def library(name: str) -> Any:
    """Imports `transformers`, `peft` or `tokenizers`, set to stay offline and to tell nobody.

    Raises:
        ConfigError: it isn't installed.
    """
    # Before the import: the libraries read their settings once, then.
    os.environ.update(_OFFLINE)
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(
            f"{name} is missing ({error}); run pip install 'tallystick[fine-tuning]'"
        ) from error
