"""What the packages export is what their `__all__` says, and every module says it."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import registry
import trainer

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    info.name
    for package in (registry, trainer)
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not info.name.endswith("__main__")
)


def test_every_module_has_a_docstring_and_its_exports_exist() -> None:
    modules = [importlib.import_module(name) for name in MODULES]
    wrong = [f"{module.__name__} has no docstring" for module in modules if not module.__doc__]
    wrong += [
        f"{module.__name__} has no {exported}"
        for module in modules
        for exported in getattr(module, "__all__", ())
        if not hasattr(module, exported)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_example_in_a_docstring_is_right() -> None:
    modules = [registry, trainer, *map(importlib.import_module, MODULES)]
    told = {m.__name__: doctest.testmod(m) for m in modules if ">>>" in inspect.getsource(m)}
    assert {"registry", "trainer"} <= told.keys()
    assert {name: result for name, result in told.items() if result.failed} == {}


@pytest.mark.parametrize("package", [registry, trainer])
def test_a_package_gives_what_it_lists_and_nothing_else(package: ModuleType) -> None:
    for name in package.__all__:
        assert getattr(package, name).__module__.startswith(("registry.", "trainer."))
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = package.Nothing


def test_importing_the_packages_loads_neither_web3_nor_torch() -> None:
    code = (
        "import registry, sys, trainer\n"
        "assert not {'web3', 'torch', 'registry.client'} & set(sys.modules)\n"
        "assert registry.RegistryClient.__module__ == 'registry.client'\n"
        "assert not {'web3', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def rooms_of(init: Path) -> set[str]:
    """Returns the modules and packages that lie directly in a package."""
    modules = {path.stem for path in init.parent.glob("*.py")} - {"__init__", "__main__"}
    return modules | {path.parent.name for path in init.parent.glob("*/__init__.py")}


def test_a_package_s_docstring_names_every_module_in_it() -> None:
    silent = []
    for root in ("registry", "trainer"):
        for init in sorted((ROOT / root).rglob("__init__.py")):
            if "bindings" in init.parts:  # one module a contract, written by a script
                continue
            doc = ast.get_docstring(ast.parse(init.read_text())) or ""
            named = {name for code in re.findall(r"`([^`]+)`", doc) for name in code.split(".")}
            lost = sorted(rooms_of(init) - named)
            silent += [f"{init.parent.relative_to(ROOT)}: {', '.join(lost)}"] if lost else []
    assert not silent, "\n".join(silent)


def defined(module: ModuleType) -> list[tuple[str, object]]:
    """Returns the public classes and functions that a module itself defines and exports."""
    return [
        (name, vars(module)[name])
        for name in getattr(module, "__all__", ())
        if getattr(vars(module).get(name), "__module__", None) == module.__name__
    ]


def test_every_exported_function_and_class_says_what_it_is() -> None:
    silent = [
        f"{name}.{label}"
        for name in MODULES
        for label, thing in defined(importlib.import_module(name))
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and not thing.__doc__
    ]
    assert not silent, "\n".join(silent)


def test_the_error_tree_is_the_one_that_is_drawn() -> None:
    from registry import errors

    drawn = errors.__doc__ or ""
    for name in errors.__all__:
        assert name in drawn, f"{name} is missing from the drawing"
        found = getattr(errors, name)
        assert issubclass(found, errors.TallystickError)


def test_every_solidity_error_is_a_python_class_under_reverted() -> None:
    from registry.chain.artifacts import CONTRACTS, load_artifact
    from registry.chain.reverts import error_classes
    from registry.errors import Reverted

    classes = error_classes()
    names = {
        entry["name"]
        for contract in CONTRACTS
        for entry in load_artifact(contract).abi
        if entry["type"] == "error"
    }
    assert set(classes) == names
    assert all(issubclass(found, Reverted) for found in classes.values())
