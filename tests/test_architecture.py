"""The tree and its import rules, as they are drawn."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = sorted([*ROOT.glob("registry/**/*.py"), *ROOT.glob("trainer/**/*.py")])
CONTRACTS = sorted(ROOT.glob("contracts/**/*.sol"))
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}


@cache
def imported(path: Path) -> frozenset[str]:
    """Returns the top-level and dotted names that a module imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return frozenset(names)


def importers_of(*packages: str) -> set[str]:
    """Returns the product's files that import any of the packages, relative to the root."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in PRODUCT
        if any(name.split(".")[0] in packages for name in imported(path))
    }


def test_only_the_chain_package_imports_web3() -> None:
    assert importers_of("web3")
    assert all(name.startswith("registry/chain/") for name in importers_of("web3"))


def test_only_storage_speaks_http() -> None:
    allowed = (
        "registry/storage/",
        "registry/chain/gateway.py",
        "registry/chain/http.py",
    )
    found = importers_of("requests", "httpx", "urllib", "urllib3", "ipfshttpclient", "http")
    assert [name for name in sorted(found) if not name.startswith(allowed)] == []


def test_torch_stays_in_the_trainer() -> None:
    assert not [name for name in importers_of("torch") if name.startswith("registry/")]


def test_brownie_stays_in_scripts_and_contract_tests() -> None:
    assert importers_of("brownie") == set()


def test_nothing_unpickles() -> None:
    calls = ("pickle.load", "torch.load(", "joblib.load", "allow_pickle=True", "import pickle")
    found = [p.name for p in PRODUCT if any(call in p.read_text() for call in calls)]
    assert not found, "\n".join(found)


def test_every_file_is_a_small_room_with_a_name() -> None:
    # What a script writes may be as long as what it is written from.
    longer = {ROOT / "registry/chain/bindings/structs.py": 650}
    files = [*PRODUCT, *CONTRACTS]
    wrong = [f"{p.relative_to(ROOT)} is nameless" for p in files if p.stem in NAMELESS]
    wrong += [
        f"{path.relative_to(ROOT)} has {lines} lines"
        for path in files
        if (lines := len(path.read_text().splitlines())) > longer.get(path, 400)
    ]
    assert not wrong, "\n".join(wrong)


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and not (node.decorator_list and "cli" in path.as_posix())
        and (node.end_lineno or 0) - node.body[0].lineno > 40
    ]
    assert not long, "\n".join(long)


def test_no_test_folder_hides_a_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_importing_the_registry_does_no_io_and_needs_no_trainer() -> None:
    code = (
        "import sys, socket\n"
        "def refuse(*a, **k): raise AssertionError('network at import time')\n"
        "socket.socket.connect = refuse\n"
        "import registry.client, registry.audit\n"
        "assert 'torch' not in sys.modules and 'brownie' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_lock_files_name_no_address_of_a_registry() -> None:
    for name in ("requirements.lock", "package-lock.json"):
        text = (ROOT / name).read_text()
        assert "resolved" not in text, name
        assert "://" not in "".join(line for line in text.splitlines() if "tarball" in line), name
        assert "@ http" not in text, name
