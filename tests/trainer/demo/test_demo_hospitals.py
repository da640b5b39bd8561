"""The class that the tutorial says to copy trains by the whole plan."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from trainer.demo.hospitals import Hospital
from trainer.models import SmallCnn
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import client_training, module_training
from trainer.training.client_loading import names_of
from trainer.vectors.safetensors_files import save_safetensors
from trainer.vectors.torch_modules import state_of

PLANS = {
    "proximal": LocalPlan(1, 8, "sgd", "0.1", 3, "5"),
    "momentum": LocalPlan(1, 8, "sgd", "0.1", 3, optimizer_parameters={"momentum": "0.9"}),
    "steps": LocalPlan(1, 8, "adamw", "0.01", 3, steps=3),
    "slow": LocalPlan(1, 8, "adam", "0.0000001", 3),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_hospital_comes_to_the_bits_of_the_plan(tmp_path: Path, name: str) -> None:
    draw = torch.Generator().manual_seed(1)
    images = torch.randn(24, 1, 28, 28, generator=draw)
    labels = torch.arange(24) % 10
    save_safetensors({"inputs": images, "labels": labels}, tmp_path / "shard.safetensors")
    hospital = Hospital(tmp_path / "shard.safetensors")
    base = state_of(SmallCnn())
    found = client_training(hospital, names_of(hospital))(dict(base), PLANS[name])
    expected = module_training(SmallCnn(), hospital.dataset)(dict(base), PLANS[name])
    plain = module_training(SmallCnn(), hospital.dataset)(
        dict(base), LocalPlan(1, 8, "sgd", "0.1", 3)
    )
    assert all(torch.equal(found.state[tensor], expected.state[tensor]) for tensor in base)
    assert any(not torch.equal(found.state[tensor], plain.state[tensor]) for tensor in base)
    assert any(not torch.equal(found.state[tensor], base[tensor]) for tensor in base)
