"""The picture of the packages in the README shows the layers that `lint-imports` holds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
Layers = list[set[str]]


def drawn(package: str) -> Layers:
    """Returns the lines of a package's box, from the top."""
    lines = next(b for b in README.split("```") if f"┌─ {package} ─" in b).splitlines()
    top = next(i for i, line in enumerate(lines) if f"┌─ {package} ─" in line)
    left = lines[top].index(f"┌─ {package} ─")
    right = lines[top].index("┐", left)
    bottom = next(i for i in range(top + 1, len(lines)) if lines[i][left : left + 1] == "└")
    assert all(line[left] == line[right] == "│" for line in lines[top + 1 : bottom])
    inside = [line[left + 1 : right] for line in lines[top + 1 : bottom]]
    return [set(re.findall(r"\w+", line)) for line in inside]


def held(package: str) -> Layers:
    """Returns the layers of a package that pyproject.toml states, from the top."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layers,) = (c["layers"] for c in contracts if c.get("containers") == [package])
    return [set(re.findall(r"\w+", line)) for line in layers]


def rooms(package: str) -> set[str]:
    """Returns the packages and modules that lie at the root of a package."""
    modules = {p.stem for p in (ROOT / package).glob("*.py")}
    packages = {p.parent.name for p in (ROOT / package).glob("*/__init__.py")}
    return (modules | packages) - {"__init__"}


@pytest.mark.parametrize("package", ["registry", "trainer"])
def test_the_picture_is_the_layers_and_the_layers_are_the_tree(package: str) -> None:
    assert drawn(package) == held(package)
    assert set().union(*drawn(package)) == rooms(package)


def test_the_trainer_s_arrow_leads_to_the_registry_s_client() -> None:
    (line,) = (line for line in README.splitlines() if "│ ──▶ │" in line)
    left, right = line.split("──▶")[:2]
    assert "adapters" in re.findall(r"\w+", left)
    assert "client" in re.findall(r"\w+", right)
