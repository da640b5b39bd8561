"""Storage on one large file: what each step costs beside plain SHA-256 of the same bytes.

Run from the repository's root: `python benchmarks/bench_storage.py [--megabytes 100] [--kubo]`.
Every line is the best of three; the peer, `hashlib.sha256` over the file in memory, is measured in
the same run, so the last column does not depend on the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from registry.crypto import decrypt_folder, encrypt_folder
from registry.documents.manifest import Manifest
from registry.storage import (
    IpfsStore,
    LocalStore,
    MemoryStore,
    Store,
    add_path,
    directory_cid,
    export_car,
    fetch_path,
    import_car,
    start_kubo,
)

_RUNS = 3
Case = tuple[str, Callable[[Path], object], Callable[[Path], object]]


def measure(prepare: Callable[[Path], object], step: Callable[[Path], object]) -> float:
    """Returns the best time in seconds of a step, in a fresh folder each time."""
    best = float("inf")
    for _ in range(_RUNS):
        with tempfile.TemporaryDirectory() as scratch:
            prepare(Path(scratch))
            start = time.perf_counter()
            step(Path(scratch))
            best = min(best, time.perf_counter() - start)
    return best


def nothing(scratch: Path) -> None:
    """Prepares nothing."""


def add_and_pin(store: Store, folder: Path) -> None:
    """Stores a folder and makes it last."""
    store.pin(add_path(store, folder))


def local_cases(folder: Path) -> list[Case]:
    """Returns the steps on this machine's disk."""
    content = (folder / "model.safetensors").read_bytes()
    full = MemoryStore()
    cid = add_path(full, folder)
    key = os.urandom(32)
    return [
        ("hashlib.sha256 alone", nothing, lambda s: hashlib.sha256(content).digest()),
        ("CID of the folder", nothing, lambda s: directory_cid(folder)),
        ("manifest: build", nothing, lambda s: Manifest.build(folder)),
        ("add: memory", nothing, lambda s: add_path(MemoryStore(), folder)),
        ("add: folder", nothing, lambda s: add_path(LocalStore(s), folder)),
        (
            "add and pin: folder",
            nothing,
            lambda s: add_and_pin(LocalStore(s), folder),
        ),
        (
            "add again: folder",
            lambda s: add_path(LocalStore(s), folder),
            lambda s: add_path(LocalStore(s), folder),
        ),
        ("fetch: memory to disk", nothing, lambda s: fetch_path(full, cid, s / "out")),
        (
            "fetch again: all there",
            lambda s: fetch_path(full, cid, s / "out"),
            lambda s: fetch_path(full, cid, s / "out"),
        ),
        ("CAR: export", nothing, lambda s: export_car(full, cid, s / "x.car")),
        (
            "CAR: import to memory",
            lambda s: export_car(full, cid, s / "x.car"),
            lambda s: import_car(MemoryStore(), s / "x.car"),
        ),
        ("encrypt the folder", nothing, lambda s: encrypt_folder(folder, s / "sealed", key)),
        (
            "decrypt the folder",
            lambda s: encrypt_folder(folder, s / "sealed", key),
            lambda s: decrypt_folder(s / "sealed", s / "opened", key),
        ),
    ]


def kubo_cases(folder: Path, address: str) -> list[Case]:
    """Returns the steps over a Kubo node's RPC on loopback; contents are new each time."""

    def fresh(scratch: Path) -> None:
        shutil.copytree(folder, scratch / "v")
        with (scratch / "v" / "model.safetensors").open("r+b") as file:
            while block := file.read(1 << 18):
                file.seek(-len(block), os.SEEK_CUR)
                file.write(os.urandom(32))
                file.seek(len(block) - 32, os.SEEK_CUR)

    def add(scratch: Path) -> None:
        with IpfsStore(address) as store:
            add_path(store, scratch / "v")

    def add_once(scratch: Path) -> None:
        fresh(scratch)
        add(scratch)

    def fetch(scratch: Path) -> None:
        with IpfsStore(address) as store:
            fetch_path(store, directory_cid(scratch / "v"), scratch / "out")

    return [
        ("Kubo: add", fresh, add),
        ("Kubo: add again", add_once, add),
        ("Kubo: fetch", add_once, fetch),
    ]


def report(cases: list[Case], megabytes: int, peer: float | None = None) -> float:
    """Prints a line per case; returns the first one's time, the peer's if none was given."""
    for name, prepare, step in cases:
        seconds = measure(prepare, step)
        peer = peer or seconds
        print(f"{name:26}{seconds:9.3f} s{megabytes / seconds:9.0f} MB/s{seconds / peer:8.2f} ×")
    assert peer is not None
    return peer


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--kubo", action="store_true", help="also over a Kubo node started here")
    parser.add_argument("--smoke", action="store_true", help="on little, in seconds")
    options = parser.parse_args()
    if options.smoke:
        options.megabytes = 1
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "version"
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(os.urandom(options.megabytes * 1_000_000))
        print(f"{options.megabytes} MB, best of {_RUNS}; × is the time beside hashlib.sha256")
        peer = report(local_cases(folder), options.megabytes)
        if options.kubo:
            with start_kubo(Path(place) / "kubo") as node:
                report(kubo_cases(folder, node.api_url), options.megabytes, peer)


if __name__ == "__main__":
    main()
