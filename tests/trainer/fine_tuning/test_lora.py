"""Adapters: what is trained, what stays, and what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from registry.errors import AggregationError, ConfigError
from trainer.fine_tuning import (
    ADAPTER_PATTERNS,
    adapted,
    adapter_training,
    load_trained,
    read_base,
    trained_state,
)
from trainer.plan.training_plan import LocalPlan
from trainer.vectors.layout import Layout
from trainer.vectors.torch_modules import state_of

PLAN = LocalPlan(epochs=2, batch_size=8, optimizer="adam", learning_rate="0.01", seed=3)


def test_only_adapters_and_head_are_trained(classifier: Any) -> None:
    state = trained_state(classifier())
    assert len(state) == 2 * 2 * 2 + 2
    assert sum(t.numel() for t in state.values()) == 8 * 2 * 16 + 2 * 16 + 2
    assert Layout.of(state, ADAPTER_PATTERNS).names == tuple(sorted(state))
    whole = state_of(classifier())
    assert Layout.of(whole, ADAPTER_PATTERNS).names == tuple(sorted(state))


def test_untrained_adapters_change_nothing(base_folder: Path, classifier: Any, lines: Any) -> None:
    tokens = lines(1).tensors[0]
    module, plain = classifier(), read_base(base_folder)
    mask = (tokens != 0).long()
    with torch.no_grad():
        expected = plain(input_ids=tokens, attention_mask=mask).last_hidden_state
        found = module.encoder(input_ids=tokens, attention_mask=mask).last_hidden_state
    torch.testing.assert_close(found, expected)


def test_padding_counts_for_nothing(classifier: Any, lines: Any) -> None:
    tokens = lines(1).tensors[0]
    more = torch.cat([tokens, torch.zeros(len(tokens), 5, dtype=torch.int64)], 1)
    module = classifier()
    with torch.no_grad():
        torch.testing.assert_close(module(more), module(tokens[:, :4]))
        assert bool(torch.isfinite(module(torch.zeros(2, 3, dtype=torch.int64))).all())


def test_training_moves_adapters_and_head_and_leaves_the_base(classifier: Any, lines: Any) -> None:
    module = classifier()
    before = state_of(module)
    base = trained_state(module)
    result = adapter_training(module, lines(1))(base, PLAN)
    assert set(result.state) == set(base)
    assert result.examples == 24
    assert all(not torch.equal(result.state[name], base[name]) for name in base)
    after = state_of(module)
    assert all(torch.equal(after[name], before[name]) for name in before if name not in base)


def test_l5_equal_training_gives_equal_bits(classifier: Any, lines: Any) -> None:
    first, second = classifier(), classifier()
    base = trained_state(first)
    assert all(torch.equal(base[n], t) for n, t in trained_state(second).items())
    before = torch.get_rng_state()
    found = [adapter_training(module, lines(1))(base, PLAN).state for module in (first, second)]
    assert all(torch.equal(found[0][name], found[1][name]) for name in base)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_state_goes_in_and_comes_out(classifier: Any) -> None:
    module = classifier()
    state = {name: t + 0.5 for name, t in trained_state(module).items()}
    load_trained(module, state)
    assert all(torch.equal(t, state[n]) for n, t in trained_state(module).items())


def test_t28_a_state_that_does_not_fit_is_refused(classifier: Any) -> None:
    module = classifier()
    state = trained_state(module)
    with pytest.raises(AggregationError, match=r"missing tensor 'head\.bias'"):
        load_trained(module, {n: t for n, t in state.items() if n != "head.bias"})
    with pytest.raises(AggregationError, match=r"tensor 'head\.bias': expected the shape \(2,\)"):
        load_trained(module, {**state, "head.bias": torch.zeros(3)})


def test_other_layers_and_classes_are_refused(base_folder: Path, lora: Any) -> None:
    with pytest.raises(ConfigError, match="expected at least 2 classes, got 1"):
        adapted(read_base(base_folder), lora, 1)
    lora.target_modules = {"nowhere"}
    with pytest.raises(ConfigError, match=r"lora: .*nowhere"):
        adapted(read_base(base_folder), lora, 2)
    unpadded = read_base(base_folder)
    config: Any = unpadded.config
    config.pad_token_id = None
    with pytest.raises(ConfigError, match="expected a base with a pad_token_id"):
        adapted(unpadded, lora, 2)
