"""`tally train example`: a folder that a federation can begin with.

given a folder that isn't there
  it gets a version, training code and the owners' data, no image twice
  its training code learns from its data
given a folder in which something of the same name is
  it is refused, and nothing is written
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import torch

from registry.documents.manifest import Manifest
from registry.errors import ConfigError
from trainer.cli.validation_file import validation_set_tensors
from trainer.example import OWNERS, write_example
from trainer.models import SmallCnn
from trainer.plan.configs import config_of
from trainer.plan.training_plan import LocalPlan
from trainer.vectors.safetensors_files import load_safetensors


def hospital(folder: Path) -> Any:
    """Returns the class in a folder's training code."""
    spec = importlib.util.spec_from_file_location("written_hospital", folder / "hospital.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Hospital


def test_the_folder_holds_a_version_and_everybody_s_own_images(tmp_path: Path) -> None:
    write_example(tmp_path / "trial")
    manifest = Manifest.parse((tmp_path / "trial" / "model" / "manifest.json").read_bytes())
    assert manifest.architecture == "small-cnn"
    owned = [load_safetensors(tmp_path / "trial" / "data" / f"{n}.safetensors") for n in OWNERS]
    owned.append(validation_set_tensors(tmp_path / "trial" / "validation.safetensors"))
    assert [len(tensors["labels"]) for tensors in owned] == [400, 600, 400, 397]
    images = torch.cat([tensors["inputs"] for tensors in owned]).flatten(1)
    assert len(torch.unique(images, dim=0)) == len(images)


def test_its_training_code_learns(tmp_path: Path) -> None:
    write_example(tmp_path / "trial")
    client = hospital(tmp_path / "trial")(tmp_path / "trial" / "data" / "south.safetensors")
    arrays = [tensor.numpy() for tensor in SmallCnn().state_dict().values()]
    plan = config_of(LocalPlan(epochs=3))
    trained, examples, metrics = client.fit(arrays, plan)
    before, _, _ = client.evaluate(arrays, plan)
    after, _, told = client.evaluate(trained, plan)
    assert examples == 600
    assert after < before
    assert told["accuracy"] > 0.5
    assert metrics["loss"] > 0


@pytest.mark.parametrize("name", ["hospital.py", "data"])
def test_what_is_there_is_never_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigError, match=f"{name} is there already; name another folder"):
        write_example(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_place_that_can_t_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="no folder can be made there"):
        write_example(tmp_path / "file")
