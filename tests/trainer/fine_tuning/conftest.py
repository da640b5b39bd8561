"""A tiny transformer with random weights, in a folder as a base version has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig
from torch.utils.data import TensorDataset

from trainer.documents.version_folders import first_version
from trainer.fine_tuning import AdaptedClassifier, adapted, read_base
from trainer.fine_tuning.libraries import library
from trainer.vectors.torch_modules import state_of

CONFIG = {
    "model_type": "bert",
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 16,
    "pad_token_id": 0,
}
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "love", "war", "the", "rose", "sword"]


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a base version: configuration, weights, tokenizer, manifest."""
    folder = tmp_path_factory.mktemp("tiny-base")
    transformers = library("transformers")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        module = transformers.AutoModel.from_config(transformers.AutoConfig.for_model(**CONFIG))
    (folder / "config.json").write_text(json.dumps(CONFIG))
    library("tokenizers")
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    made = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.save(str(folder / "tokenizer.json"))
    first_version(folder, state_of(module), architecture="tiny-bert")
    return folder


@pytest.fixture
def lora() -> LoraConfig:
    """Rank 2 on queries and values."""
    return LoraConfig(r=2, lora_alpha=4, target_modules=["query", "value"])


@pytest.fixture
def classifier(base_folder: Path, lora: LoraConfig) -> Callable[[], AdaptedClassifier]:
    """Makes the base with untrained adapters and a head of two classes."""
    return lambda: adapted(read_base(base_folder), lora, 2)


@pytest.fixture
def lines() -> Callable[..., TensorDataset]:
    """Makes lines of token numbers; class 1 has a token of 30 or more in it."""

    def lines(seed: int, count: int = 24) -> TensorDataset:
        random = torch.Generator().manual_seed(seed)
        tokens = torch.randint(4, 30, (count, 6), generator=random)
        labels = torch.arange(count) % 2
        tokens[:, 2] = torch.where(labels == 1, tokens[:, 2] + 20, tokens[:, 2]).clamp(max=49)
        tokens[:, 4:] = 0
        return TensorDataset(tokens, labels)

    return lines
