"""C-2: one manifest has one text, and a folder either matches it or is named where it differs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.documents.canonical_json import canonical
from registry.documents.manifest import MAX_MANIFEST_BYTES, FileEntry, Manifest
from registry.errors import ManifestError

CASES = json.loads(Path(__file__).parents[2].joinpath("vectors/manifest.json").read_text())["cases"]
ENTRY = FileEntry(3, hashlib.sha256(b"abc").digest())
NAMES = st.text(
    st.characters(min_codepoint=33, blacklist_categories=("Cs", "Cc"), blacklist_characters="/\\."),
    min_size=1,
    max_size=12,
)
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
MANIFESTS = st.builds(
    Manifest,
    files=st.dictionaries(
        NAMES.map(lambda n: f"f{n}") | st.builds("d{}/{}".format, NAMES, NAMES),
        st.builds(FileEntry, st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32)),
        max_size=5,
    ),
    framework=TEXTS,
    architecture=TEXTS,
    licence=TEXTS,
    parents=st.lists(st.binary(min_size=32, max_size=32), max_size=8).map(tuple),
    round_id=st.none() | st.binary(min_size=32, max_size=32),
    metadata=st.dictionaries(TEXTS, TEXTS, max_size=4),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(MANIFESTS)
def test_c2_reading_what_was_written_gives_the_same_manifest(manifest: Manifest) -> None:
    text = manifest.to_json()
    assert Manifest.parse(text) == manifest
    assert Manifest.parse(text).to_json() == text


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["sha256"][:8])
def test_the_golden_texts_parse_and_are_written_as_they_stand(case: dict[str, str]) -> None:
    text = case["text"].encode()
    assert hashlib.sha256(text).hexdigest() == case["sha256"]
    assert Manifest.parse(text).to_json() == text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A version's folder with a manifest to match."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "docs" / "card.md").write_text("a card")
    (tmp_path / ".hidden").write_text("no part of a version")
    (tmp_path / "manifest.json").write_bytes(Manifest.build(tmp_path, licence="MIT").to_json())
    return tmp_path


def read(folder: Path) -> Manifest:
    """Returns the folder's manifest."""
    return Manifest.parse((folder / "manifest.json").read_bytes())


def test_a_folder_matches_the_manifest_that_was_built_from_it(folder: Path) -> None:
    manifest = read(folder)
    manifest.verify_folder(folder)
    assert sorted(manifest.files) == ["docs/card.md", "model.safetensors"]
    assert manifest.files["model.safetensors"].size == 7
    assert manifest.licence == "MIT"


def test_a_changed_file_is_named(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"weighty")
    with pytest.raises(ManifestError, match=r"model\.safetensors: expected sha256"):
        read(folder).verify_folder(folder)


def test_t7_a_file_cut_short_is_named(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"weigh")
    with pytest.raises(ManifestError, match=r"model\.safetensors: expected 7 bytes, got 5"):
        read(folder).verify_folder(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "docs" / "card.md").unlink()
    with pytest.raises(ManifestError, match=r"docs/card\.md is in the manifest but not"):
        read(folder).verify_folder(folder)


def test_an_extra_file_is_named(folder: Path) -> None:
    (folder / "docs" / "run.py").write_text("print()")
    with pytest.raises(ManifestError, match=r"docs/run\.py is in .* but not in the manifest"):
        read(folder).verify_folder(folder)


def test_a_symbolic_link_is_refused(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/hostname")
    with pytest.raises(ManifestError, match="symbolic link"):
        read(folder).verify_folder(folder)
    with pytest.raises(ManifestError, match="symbolic link"):
        Manifest.build(folder)


BAD_PATHS = (
    *("", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "./a", ".git/config"),
    *("a\\b", "a\x00b", "a\nb", "manifest.json", "x" * 256, "/".join(["d"] * 600), "\ud800"),
)


@pytest.mark.parametrize("path", BAD_PATHS, ids=lambda p: ascii(p)[:20])
def test_t26_a_path_that_leads_out_of_the_folder_is_refused(path: str) -> None:
    with pytest.raises(ManifestError, match="manifest:"):
        Manifest({path: ENTRY})


def test_a_file_is_not_also_a_folder() -> None:
    with pytest.raises(ManifestError, match="under a path that is a file"):
        Manifest({"a": ENTRY, "a/b": ENTRY})


def document(**changes: Any) -> dict[str, Any]:
    """Returns a sound manifest's content with some of it replaced."""
    content = json.loads(Manifest({"a": ENTRY}).to_json())
    return {**content, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "tallystick/manifest/2"},
        {"extra": 1},
        {"files": []},
        {"files": {"a": {"bytes": 3}}},
        {"files": {"a": {"bytes": 3, "sha256": "00" * 32, "mode": 1}}},
        {"files": {"a": {"bytes": -1, "sha256": "00" * 32}}},
        {"files": {"a": {"bytes": 2**63, "sha256": "00" * 32}}},
        {"files": {"a": {"bytes": True, "sha256": "00" * 32}}},
        {"files": {"a": {"bytes": "3", "sha256": "00" * 32}}},
        {"files": {"a": {"bytes": 3, "sha256": "AA" * 32}}},
        {"files": {"a": {"bytes": 3, "sha256": "00" * 31}}},
        {"files": {"../a": {"bytes": 3, "sha256": "00" * 32}}},
        {"parents": ["00" * 32]},
        {"parents": ["0x" + "00" * 31]},
        {"parents": ["0x" + "00" * 32] * 9},
        {"round": "0x"},
        {"round": 1},
        {"framework": None},
        {"licence": 1},
        {"metadata": {"a": 1}},
        {"metadata": []},
    ],
    ids=str,
)
def test_c2_anything_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ManifestError):
        Manifest.parse(canonical(document(**changes)))


@pytest.mark.parametrize("name", sorted(document()))
def test_c2_a_missing_field_is_refused(name: str) -> None:
    content = document()
    del content[name]
    with pytest.raises(ManifestError, match="expected the fields"):
        Manifest.parse(canonical(content))


TEXT = Manifest({"a": ENTRY}).to_json()


@pytest.mark.parametrize(
    "text",
    [
        TEXT + b"\n",
        b" " + TEXT,
        TEXT.replace(b":3,", b": 3,"),
        TEXT.replace(b":3,", b":3.0,"),
        TEXT.replace(b":3,", b":NaN,"),
        TEXT.replace(b'"licence":""', b'"licence":"a","licence":""'),
        TEXT.replace(b'"a"', b'"\\u0061"'),
        b"\xef\xbb\xbf" + TEXT,
        TEXT[:-1],
        b"\xff" + TEXT,
        b"[" * 100_000,
        b"9" * 10_000,
        b"",
    ],
    ids=range(13),
)
def test_c2_another_text_of_the_same_manifest_is_refused(text: bytes) -> None:
    with pytest.raises(ManifestError, match="manifest:"):
        Manifest.parse(text)


def test_t26_a_giant_manifest_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ManifestError, match="at most"):
        Manifest.parse(b" " * (MAX_MANIFEST_BYTES + 1))


def test_a_manifest_is_a_value() -> None:
    one, two = Manifest({"a": ENTRY}), Manifest({"a": ENTRY})
    assert one == two
    assert hash(one) == hash(two)
    assert replace(one, licence="MIT") != two
    with pytest.raises(TypeError):
        one.files["b"] = ENTRY  # type: ignore[index]
