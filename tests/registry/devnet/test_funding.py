"""Ether for an account of a development chain, whoever started it and with what accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.chain.gateway import connect
from registry.devnet import fund, start_ganache, start_network
from registry.errors import ConfigError
from registry.signing import LocalSigner

NEW = LocalSigner.from_key(bytes(31) + b"\x21").address


def test_a_chain_without_the_known_accounts_pays_from_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.devnet.chains._MNEMONIC", "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat")  # fmt: skip  # noqa: E501
    with start_ganache() as chain:
        gateway = connect(chain.url)
        fund(gateway, NEW, 3 * 10**18, tmp_path)
        assert gateway.balance(NEW) == 3 * 10**18
        with pytest.raises(ConfigError, match="no development account has 1e\\+06 ether; send it"):
            fund(gateway, NEW, 10**24, tmp_path)


@pytest.mark.parametrize("ipfs", ["foo", "127.0.0.1:5001", "ftp://x", ""])
def test_a_storage_node_that_is_no_address_is_refused_before_anything_starts(
    tmp_path: Path, ipfs: str
) -> None:
    with (
        pytest.raises(ConfigError, match="--ipfs: expected `kubo` to start a node, or a node's"),
        start_network(tmp_path, ipfs),
    ):
        pass
