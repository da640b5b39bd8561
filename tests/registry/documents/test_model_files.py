"""C-3 and T-25: nothing that would be unpickled gets past the door, whatever it is called."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import pickletools
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from registry.documents.manifest import Manifest
from registry.errors import ConfigError, ManifestError
from registry.model_files import REFUSED_SUFFIXES, check_model_folder
from registry.storage import directory_cid


class Runs:
    """An object whose pickle runs code when it is opened."""

    def __reduce__(self) -> Any:
        return (print, ("code ran",))


PLAIN: tuple[Any, ...] = ({"a": 1}, [1, 2], "text", 1, -5, (1, 2))


def refuse(folder: Path, name: str, content: bytes, why: str = "") -> None:
    """Asserts that a file is refused by name."""
    (folder / name).write_bytes(content)
    with pytest.raises(ManifestError, match=f"{name}.*{why}"):
        check_model_folder(folder)


@pytest.mark.parametrize("suffix", sorted(REFUSED_SUFFIXES))
def test_t25_a_name_that_says_pickle_is_refused(tmp_path: Path, suffix: str) -> None:
    refuse(tmp_path, f"model{suffix}", b"anything", "safetensors")
    (tmp_path / f"model{suffix}").unlink()
    refuse(tmp_path, f"MODEL{suffix.upper()}", b"anything", "safetensors")


def test_t25_a_second_suffix_hides_nothing(tmp_path: Path) -> None:
    refuse(tmp_path, "model.pkl.txt", b"anything", "may run code")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_t25_a_pickle_under_an_innocent_name_is_refused(tmp_path: Path, protocol: int) -> None:
    for value in (Runs(), {"weights": Runs()}, [Runs()], (1, Runs()), {1}, Path("x"), type(None)):
        refuse(tmp_path, "weights.dat", pickle.dumps(value, protocol), "pickle")


@pytest.mark.parametrize("protocol", range(1, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_calls_nothing_is_refused_unless_it_is_plain_text(
    tmp_path: Path, protocol: int
) -> None:
    for value in PLAIN:
        refuse(tmp_path, "weights.dat", pickle.dumps(value, protocol), "pickle")
        (tmp_path / "weights.dat").write_bytes(pickle.dumps(value, 0))
        check_model_folder(tmp_path)


def test_t25_an_optimised_pickle_is_refused(tmp_path: Path) -> None:
    for protocol in (0, 1, 2):
        refuse(
            tmp_path, "notes.txt", pickletools.optimize(pickle.dumps(Runs(), protocol)), "pickle"
        )


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, lzma.compress, zlib.compress], ids=lambda f: f.__module__
)
def test_t25_a_compressed_pickle_is_refused(tmp_path: Path, pack: Any) -> None:
    refuse(tmp_path, "weights.gz", pack(pickle.dumps({"a": Runs()})), "pickle")


@pytest.mark.parametrize("legacy", [False, True])
def test_t25_what_torch_saves_is_refused_under_any_name(tmp_path: Path, legacy: bool) -> None:
    buffer = io.BytesIO()
    torch.save({"a": torch.zeros(3)}, buffer, _use_new_zipfile_serialization=not legacy)
    refuse(tmp_path, "weights.dat", buffer.getvalue())


def test_t25_arrays_of_objects_are_refused_and_of_numbers_taken(tmp_path: Path) -> None:
    np.save(tmp_path / "labels.npy", np.arange(10))
    check_model_folder(tmp_path)
    np.save(tmp_path / "labels.npy", np.array([Runs()]), allow_pickle=True)
    with pytest.raises(ManifestError, match="array of objects"):
        check_model_folder(tmp_path)
    records = np.array([(1, None)], dtype=[("n", "<i4"), ("o", "O")])
    np.save(tmp_path / "labels.npy", records, allow_pickle=True)
    with pytest.raises(ManifestError, match="array of objects"):
        check_model_folder(tmp_path)


@pytest.mark.parametrize("descr", [("|O", (2,)), [("n", "<i4"), ("o", ("|O", (2,)))]])
def test_t25_an_array_of_arrays_of_objects_is_refused(tmp_path: Path, descr: object) -> None:
    header = repr({"descr": descr, "fortran_order": False, "shape": (1,)}).encode()
    told = np.lib.format.magic(1, 0) + len(header).to_bytes(2, "little") + header
    refuse(tmp_path, "labels.npy", told + bytes(64), "array of objects")


def test_archives_are_refused_as_far_as_they_hold_pickles(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "docs.zip", "w") as archive:
        archive.writestr("a.txt", "text")
    check_model_folder(tmp_path)
    with zipfile.ZipFile(tmp_path / "docs.zip", "w") as archive:
        archive.writestr("deep/down/data.pkl", pickle.dumps(Runs()))
    with pytest.raises(ManifestError, match=r"data\.pkl"):
        check_model_folder(tmp_path)


def test_t26_a_broken_or_lying_archive_is_refused(tmp_path: Path) -> None:
    refuse(tmp_path, "docs.zip", b"PK\x03\x04" + bytes(100), "without a list")
    ending = b"PK\x05\x06" + bytes(4) + b"\x00\x01\x00\x01" + b"\xff\xff\xff\x7f" + bytes(6)
    refuse(tmp_path, "docs.zip", b"PK\x03\x04" + bytes(100) + ending, "too long")


def test_a_tar_archive_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../escape"))
    refuse(tmp_path, "docs.dat", buffer.getvalue(), "tar archives")


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.txt").symlink_to("/dev/zero")
    with pytest.raises(ManifestError, match="symbolic link"):
        check_model_folder(tmp_path)


def test_a_nested_file_is_named_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "cache" / "deep").mkdir(parents=True)
    (tmp_path / "cache" / "deep" / "x.txt").write_bytes(pickle.dumps(Runs()))
    with pytest.raises(ManifestError, match=r"^cache/deep/x\.txt: "):
        check_model_folder(tmp_path)


def test_what_is_hidden_is_neither_judged_nor_stored(tmp_path: Path) -> None:
    """A clone's `.git` may hold anything; none of it becomes part of a version."""
    (tmp_path / "README.md").write_text("# A card\n")
    before = directory_cid(tmp_path)
    (tmp_path / ".git" / "lfs" / "objects").mkdir(parents=True)
    (tmp_path / ".git" / "lfs" / "objects" / "ab12").write_bytes(pickle.dumps(Runs()))
    (tmp_path / ".git" / "link").symlink_to("/nowhere")
    (tmp_path / ".env").write_bytes(pickle.dumps(Runs()))
    check_model_folder(tmp_path)
    assert directory_cid(tmp_path) == before
    assert list(Manifest.build(tmp_path).files) == ["README.md"]


@pytest.mark.parametrize("name", ["model.safetensors", "spiece.model", "docs/figure.png"])
def test_a_git_lfs_pointer_is_refused_with_the_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 12345\n"
    )
    with pytest.raises(ManifestError, match=f"^{name}: .*git lfs pull"):
        check_model_folder(tmp_path)


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("text")

    def refused(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ConfigError, match=r"notes\.txt: .*Permission denied"):
        check_model_folder(tmp_path)


TEXTS = (
    "# A model card\n\nIt was trained (in Kyiv) by five hospitals.\n",
    "configuration\nof the model\n",
    "(d) is a list\n(l) too\n",
    "Some text\nwith lines.\n",
    "S\nV\nL\n",
    "I am a card\n",
    "{}\n",
    "[1, 2]\n",
    "",
    "\n",
    '{"a": 1}',
    "labels\n0\n1\n",
    "}\n",
    "x\ny\n",
    "XML is no pickle\n",
)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_ordinary_text_is_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "README.md").write_text(text)
    check_model_folder(tmp_path)


IMAGES = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    b"GIF89a\x01\x00\x01\x00",
    b"\xff\xd8\xff\xe0\x00\x10JFIF",
    b"BM\x36\x00\x00\x00",
    b"%PDF-1.7\n",
    b"\x08\x07\x12\x04proto",
)


@pytest.mark.parametrize("content", IMAGES, ids=range(len(IMAGES)))
def test_images_and_documents_are_taken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "figure").write_bytes(content)
    check_model_folder(tmp_path)


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="expected a folder"):
        check_model_folder(tmp_path / "none")
