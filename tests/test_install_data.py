"""Of the packages that hold plays and model, only the named files are taken, wherever they lie."""

from __future__ import annotations

import importlib.util
import io
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installer() -> ModuleType:
    """The tool, which is no package."""
    spec = importlib.util.spec_from_file_location("install_data", ROOT / "tools/install_data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_only_texts_of_the_one_folder_are_taken(installer: ModuleType, tmp_path: Path) -> None:
    archive = tmp_path / "plays.tar.gz"
    names = ["hamlet.txt", "../../escaped.txt", "/absolute.txt", "code.py", "deep/lear.txt"]
    with tarfile.open(archive, "w:gz") as package:
        for name in names:
            member = tarfile.TarInfo(installer.PLAYS + name)
            member.size = 5
            package.addfile(member, io.BytesIO(b"Enter"))
        link = tarfile.TarInfo(installer.PLAYS + "link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        package.addfile(link)
    installer.plays_from(archive, tmp_path / "made")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["hamlet.txt"]
    assert not list(tmp_path.parent.glob("escaped.txt"))


def test_only_the_model_s_files_are_taken(
    installer: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "model.whl"
    with zipfile.ZipFile(archive, "w") as package:
        for name in (*installer.MODEL_FILES, "__init__.py"):
            package.writestr(installer.MODEL + name, name)
    installer.model_from(archive, tmp_path / "made")
    made = {path.name: path.read_text() for path in (tmp_path / "made").iterdir()}
    assert made == {name: name for name in installer.MODEL_FILES}
    monkeypatch.setattr(installer, "LARGEST", 4)
    with pytest.raises(ValueError, match=r"config\.json is larger than 4 bytes"):
        installer.model_from(archive, tmp_path / "again")


def test_both_packages_are_locked_by_digest(installer: ModuleType) -> None:
    lines = installer.LOCK.read_text().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "==" in line
        assert len(line.partition("--hash=sha256:")[2]) == 64
        assert "://" not in line
