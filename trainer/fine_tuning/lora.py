"""Low-rank adapters on a frozen transformer, with a linear head.

Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang, Chen: "LoRA: Low-Rank Adaptation of Large Language
Models", ICLR 2022. A chosen layer's `W x` becomes `W x + (α/r) B A x`; only A, B and the head are
trained. B begins at zero, so an untrained adapter changes nothing.

The mean of participants' A and the mean of their B don't multiply to the mean of their products:
averaging adapters is an approximation, the better the shorter the local training is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, final

import torch

from registry.errors import ConfigError
from trainer.fine_tuning.libraries import library
from trainer.vectors.layout import check_state
from trainer.vectors.safetensors_files import State

if TYPE_CHECKING:
    from peft import LoraConfig

__all__ = ["ADAPTER_PATTERNS", "AdaptedClassifier", "adapted", "load_trained", "trained_state"]

ADAPTER_PATTERNS = ("encoder.*.lora_?.*", "head.*")
"""For a terms document's `parameters`: the adapters and the head, and nothing of the base."""


@final
class AdaptedClassifier(torch.nn.Module):
    """A transformer with adapters, the mean of its tokens' values, and a linear layer.

    Args:
        encoder: gives `last_hidden_state`, shape (batch, length, width).
        classes: how many, at least 2.
        padding: the token that fills up a line; it counts for nothing.
    """

    def __init__(self, encoder: torch.nn.Module, classes: int, padding: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(int(encoder.config.hidden_size), classes)  # type: ignore[union-attr,arg-type]
        self.padding = padding

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Returns logits, shape (batch, classes), of token numbers, shape (batch, length)."""
        mask = tokens != self.padding
        # What is only padding in every line is cut off: it would be computed for nothing.
        longest = max(int(mask.any(0).sum()), 1)
        mask = mask[:, :longest]
        hidden = self.encoder(input_ids=tokens[:, :longest], attention_mask=mask.long())
        weights = mask.unsqueeze(2).to(hidden.last_hidden_state.dtype)
        mean = (hidden.last_hidden_state * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        logits: torch.Tensor = self.head(mean)
        return logits


def adapted(
    encoder: torch.nn.Module, config: LoraConfig, classes: int, seed: int = 0
) -> AdaptedClassifier:
    """Puts adapters and a head on a transformer, in place.

    Args:
        encoder: frozen, as `read_base` gives it.
        config: rank, alpha, dropout, and the layers by name.
        classes: at least 2.
        seed: of the initial adapters and head; the caller's generator is left as it was.

    Raises:
        ConfigError: fewer than two classes, or layers that the transformer doesn't have.
    """
    if type(classes) is not int or classes < 2:
        raise ConfigError(f"lora: expected at least 2 classes, got {classes!r}")
    peft = library("peft")
    padding = getattr(encoder.config, "pad_token_id", None)
    if type(padding) is not int:
        raise ConfigError("lora: expected a base with a pad_token_id; add it to its config.json")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            peft.inject_adapter_in_model(config, encoder)
        except ValueError as error:
            raise ConfigError(f"lora: {str(error).partition(chr(10))[0][:200]}") from error
        return AdaptedClassifier(encoder, classes, padding).eval()


def trained_state(module: torch.nn.Module) -> State:
    """Returns copies of the tensors that are trained: those that require a gradient."""
    return {
        name: parameter.detach().cpu().contiguous().clone()
        for name, parameter in module.named_parameters()
        if parameter.requires_grad
    }


def load_trained(module: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Copies trained tensors into a module, in place; the others stay.

    Raises:
        AggregationError: a tensor is missing, extra, or of another shape or type.
    """
    own = {name: p for name, p in module.named_parameters() if p.requires_grad}
    check_state(state, own)
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(state[name])
