"""Fine-tuning of transformers by low-rank adapters: the base stays, the adapters are federated.

A base model is a version of its own, published once. An adapter version's folder holds the
adapters' tensors and the head's, names the base version as its parent, and is what rounds train:
an update is as small as the adapters are.

* `base_model`: reads a transformer from a folder, by its configuration and its safetensors file.
* `lora`: puts adapters and a head on it; `trained_state` is what joins the vector.
* `training`: what a participant runs between two adapter versions.
* `adapter_versions`: writes the first adapter version, and puts base and adapters together again.
* `texts`: from texts to the token numbers that the model takes.

Nothing is downloaded, and nothing is unpickled.

`adapter_document` is `adapter.json`, `libraries` keeps the libraries from the network.
"""

from __future__ import annotations

from trainer.fine_tuning.adapter_versions import (
    BaseReference,
    first_adapter_version,
    load_adapted,
)
from trainer.fine_tuning.base_model import read_base
from trainer.fine_tuning.lora import (
    ADAPTER_PATTERNS,
    AdaptedClassifier,
    adapted,
    load_trained,
    trained_state,
)
from trainer.fine_tuning.texts import tokenised
from trainer.fine_tuning.training import adapter_training

__all__ = [
    "ADAPTER_PATTERNS",
    "AdaptedClassifier",
    "BaseReference",
    "adapted",
    "adapter_training",
    "first_adapter_version",
    "load_adapted",
    "load_trained",
    "read_base",
    "tokenised",
    "trained_state",
]
