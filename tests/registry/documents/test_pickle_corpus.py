"""C-3 and T-25 on two collections: every stream that calls is refused, every ordinary file taken.

Nothing here is unpickled; `pickle.dumps` writes what the judges are to tell from ordinary files.
"""

from __future__ import annotations

import base64
import bz2
import csv
import gzip
import io
import json
import lzma
import os
import pickle
import random
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ManifestError
from registry.model_files import check_model_file

ROOT = Path(__file__).parents[3]


class Payload:
    """Reduces to whatever it is given."""

    def __init__(self, *reduced: Any) -> None:
        self._reduced = reduced

    def __reduce__(self) -> Any:
        return self._reduced


class Holder:
    """An instance that is rebuilt by NEWOBJ and BUILD."""

    def __init__(self) -> None:
        self.weights = [1.0, 2.0]


PAYLOADS: tuple[Any, ...] = (
    Payload(os.system, ("id",)),
    Payload(eval, ("1+1",)),
    Payload(subprocess.Popen, (["id"],)),
    Payload(print, (), {"a": 1}),
    {"state": [Payload(exec, ("pass",))], "n": 3},
    Holder(),
)
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
STREAMS = [pickle.dumps(payload, protocol) for payload in PAYLOADS for protocol in PROTOCOLS]
BY_HAND = (
    b"cos\nsystem\n.",
    b"cos\nsystem\n(S'id'\ntR.",
    b"cos\nsystem\n(S'id'\ntR",  # what is called is called before the end is missed
    b"cos\nsystem\nVw\nR.",
    b"(S'id'\nios\nsystem\n.",
    b"(cos\nsystem\nS'id'\no.",
    b"cos\nenviron\nS'A'\nS'B'\ns.",
    b"F1\0x\n0I1\0x\n0cos\nsystem\n(S'id'\ntR.",
    b"Vo\\u0073\n\x8c\x06system\x93(S'id'\ntR.",
    b"\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x02id\x85R.",
    b"\x82\x01(S'id'\ntR.",
    b"Pid\n(S'id'\ntR.",
    b"cevil\nrun\n.",
    b"(S'a'\nievil\nrun\n",
    b"\x95\x02" + bytes(7) + b"J\x01\0\0\0\x86N(cevil\nrun\nS'a'\no",  # across a frame's end
    b"N.cos\nsystem\n(S'id'\ntR.",
    b"X\x00\x00\x20\x00" + bytes(0x200000) + b"0cos\nsystem\n(S'id'\ntR.",
)
STARTS = (b"N0", b")0", b"]0", b"}0", b"(1", b"I1\n0", b"S'a'\n0", b"(N1", b"N2\x30\x30", b"K\x010")
JUNK = (b"\x00junk\xff", b"# a card\n\n", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\x00\x00\x00WAVE")


def zipped(content: bytes, name: str = "archive/data") -> bytes:
    """Returns a zip archive in the layout of `torch.save`, with innocent names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/version", "3\n")
        archive.writestr(name, content)
    return buffer.getvalue()


def tarred(content: bytes) -> bytes:
    """Returns a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("data")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def unmarked_tar(content: bytes) -> bytes:
    """Returns a tar archive of the old kind, whose header has no mark."""
    raw = bytearray(tarred(content))
    raw[257:265] = bytes(8)
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    return bytes(raw)


CONTAINERS: tuple[Callable[[bytes], bytes], ...] = (
    gzip.compress,
    bz2.compress,
    lzma.compress,
    lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    zlib.compress,
    zipped,
    tarred,
    unmarked_tar,
    lambda raw: gzip.compress(tarred(raw)),
    lambda raw: gzip.compress(b"") + gzip.compress(raw),
    lambda raw: zipped(gzip.compress(raw)),
    lambda raw: b"#!/bin/sh\n" + zipped(raw),
)


def array(version: int, described: str, padding: int = 0) -> bytes:
    """Returns a NumPy array's file with a header of one's own."""
    text = f"{{{' ' * padding}'descr': {described}, 'fortran_order': False, 'shape': (1,), }}\n"
    raw = text.encode("utf-8")
    length = struct.pack("<H" if version == 1 else "<I", len(raw))
    return b"\x93NUMPY" + bytes((version, 0)) + length + raw + pickle.dumps([PAYLOADS[0]])


def dangerous() -> Iterator[bytes]:
    """Yields what no version may hold."""
    yield from STREAMS
    yield from BY_HAND
    for start in STARTS:
        for protocol in PROTOCOLS:
            yield start + pickle.dumps(PAYLOADS[0], protocol)
    for junk in JUNK:
        for stream in STREAMS[:18]:
            yield junk + stream
    for pack in CONTAINERS:
        for stream in STREAMS[:8]:
            yield pack(stream)
    for version in (1, 2, 3):
        for described in ("'|O'", "'O'", "[('n', '<i4'), ('o', 'O')]", "[('a', [('b', '|O8')])]"):
            for padding in (0, 2000, 40_000):
                yield array(version, described, padding)
    for count in (10, 5000, 60_000):
        yield b"N0" * count + BY_HAND[1]
    yield b"(" * 1_000_001


WORDS = (
    *("cat", "dog", "click", "numpy", "category", "L1", "L2", "iPhone", "(c)", "Pen", "Very"),
    *("and", "Nb", "os", "system", "broadcast", "Run", "(Very", "i", "ox", "tree"),
)


def texts() -> Iterator[str]:
    """Yields ordinary texts of many kinds."""
    yield from ("cat\ndog\n", "click\nnumpy\n", "L1\nL2\n", "category\ncat\n", "I1\n.", "N.", "")
    yield from ("config\nREADME\n.gitignore\n", "cat\ndog\nVery\nand", "(iPhone\nis\nnice\n")
    yield from (
        "Pen\nVery\nbad\n",
        "carbon\nsodium\nNa\n",
        "cast\ncrew\n)\n",
        "(cat\ndog\nor not\n",
    )
    for path in sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))[:40]:
        yield path.read_text()
    for path in sorted((*ROOT.glob("registry/**/*.py"), *ROOT.glob("contracts/**/*.sol")))[:80]:
        yield path.read_text()
    for path in sorted((*ROOT.glob("*.json"), *ROOT.glob("*.toml"), *ROOT.glob("*.lock"))):
        yield path.read_text()
    chance = random.Random(7)
    for _ in range(60):
        yield "\n".join(chance.choices(WORDS, k=40)) + "\n"
    for first in "cCiILFSVNPTUXBGgjhp(){}[]0123.":
        yield f"{first}olumn,value\n" + "".join(f"{first}a,{n}\n" for n in range(50))
        yield f"{first}at\ndog\n"
    vocabulary = sorted({word for path in ROOT.glob("*.md") for word in path.read_text().split()})
    yield "\n".join(vocabulary)
    yield "#version: 0.2\n" + "".join(f"{a} {b}\n" for a in WORDS for b in WORDS)
    yield json.dumps({"vocabulary": {word: n for n, word in enumerate(vocabulary)}})
    yield "model:\n  name: lantern\n  layers: [1, 2]\n"
    yield "\n".join(str(n / 7) for n in range(1000))
    yield base64.b64encode(bytes(range(256)) * 50).decode()
    for script in (
        "Модель училась у Києві",
        "模型在東京訓練",
        "نموذج",
        "μοντέλο",
        "मॉडल",
        "דגם",
        "🐈\n🐕",
    ):
        yield f"{script}\n" * 30
    table = io.StringIO()
    csv.writer(table).writerows([[n, n * n, f"name {n}"] for n in range(200)])
    yield table.getvalue()


def ordinary() -> Iterator[bytes]:
    """Yields what people publish beside a model."""
    for text in texts():
        yield text.encode()
    generator = np.random.default_rng(3)
    for count in (1, 7, 100, 10_000, 400_000):
        yield generator.standard_normal(count).astype(np.float32).tobytes()
        yield generator.integers(0, 256, count, dtype=np.uint8).tobytes()
    for kind in ("<f4", "<f8", "|u1", "<i8", "<f2", "<c8", "|b1", "<U8", "|S4"):
        buffer = io.BytesIO()
        np.save(buffer, np.zeros((4, 5), kind))
        yield buffer.getvalue()
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3, [("a", "<f4"), ("b", "<i4", (2, 2)), ("c", [("d", "|u1")])]))
    yield buffer.getvalue()
    body = generator.bytes(5000)
    for head in (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"GIF89a",
        b"%PDF-1.7\n",
    ):
        yield head + body
    yield from (bytes(4096), b"\x88" * 5000, b"\x28" * 5000, b"GGUF\x03\0\0\0" + body)
    for pack in (gzip.compress, bz2.compress, lzma.compress, zlib.compress, zipped):
        for content in (b"Time,value\n" * 5000, b"category\ncat\n", body, b"Vector " * 9000):
            yield pack(content)


def refusal(place: Path, content: bytes) -> str | None:
    """Returns why a file of that content is refused, or None."""
    place.write_bytes(content)
    try:
        check_model_file(place)
    except ManifestError as error:
        return str(error)
    return None


def test_t25_an_import_alone_behind_other_bytes_is_refused(tmp_path: Path) -> None:
    why = refusal(tmp_path / "notes.txt", b"\xff head\x00" + b"\x80\x04cos\nsystem\n.")
    assert why is not None
    assert "at byte 7 a pickle begins that calls os" in why


def test_t25_of_all_that_calls_something_nothing_is_taken(tmp_path: Path) -> None:
    streams = list(dangerous())
    taken = [raw[:60] for raw in streams if refusal(tmp_path / "notes.txt", raw) is None]
    assert len(streams) >= 300
    assert taken == []


def test_of_ordinary_files_none_is_refused(tmp_path: Path) -> None:
    files = list(ordinary())
    refused = [(why, raw[:60]) for raw in files if (why := refusal(tmp_path / "notes.txt", raw))]
    assert len(files) >= 300
    assert refused == []


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=9).map("\n".join))
def test_no_text_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    place = tmp_path_factory.mktemp("texts", numbered=True) / "text.txt"
    assert refusal(place, text.encode("utf-8", "replace")) is None


@settings(max_examples=200, deadline=None)
@given(values=st.lists(st.floats(width=32), max_size=200))
def test_no_weights_are_refused(
    tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    place = tmp_path_factory.mktemp("weights", numbered=True) / "weights.f32"
    assert refusal(place, np.array(values, np.float32).tobytes()) is None


def test_t26_what_is_packed_four_times_over_is_looked_into_and_no_more(tmp_path: Path) -> None:
    nested = b"text"
    for _ in range(4):
        nested = gzip.compress(nested)
    assert refusal(tmp_path / "nested.gz", nested) is None
    assert "more than 4 times over" in (refusal(tmp_path / "deep.gz", gzip.compress(nested)) or "")


def test_t26_what_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1 GiB is the bound; a thousandth of it shows the same."""
    monkeypatch.setattr("registry.model_files.compressed.MOST_UNPACKED", 1 << 20)
    monkeypatch.setattr("registry.model_files.checking._HELD_BYTES", 1 << 16)
    why = refusal(tmp_path / "big.gz", gzip.compress(b"V" * (3 << 20)))
    assert why is not None
    assert "unpack it" in why
    nested = b"text"
    for _ in range(6):
        nested = gzip.compress(nested)
    why = refusal(tmp_path / "nested.gz", nested)
    assert why is not None
    assert "times over" in why


def test_a_container_that_cannot_be_looked_into_is_refused(tmp_path: Path) -> None:
    for head in (b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd"):
        assert "unpack it" in (refusal(tmp_path / "packed", head + bytes(100)) or "")
