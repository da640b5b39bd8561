"""Where an audited app finds its key and its model, and what it says when it doesn't."""

from __future__ import annotations

from pathlib import Path

import pytest
from flower_grid import context_of

from registry.errors import ConfigError
from registry.signing import LocalSigner
from trainer.flower.environment import (
    client_signer,
    open_ground,
    requires_hidden,
    server_signer,
)

KEY = bytes(31) + b"\x2a"
SIGNER = LocalSigner.from_key(KEY)


def key_file(folder: Path, name: str = "1.key", text: str = KEY.hex(), mode: int = 0o600) -> Path:
    path = folder / name
    path.touch(mode=mode)
    path.chmod(mode)
    path.write_text(text + "\n")
    return path


def test_a_node_of_a_simulation_has_the_key_of_its_partition(tmp_path: Path) -> None:
    key_file(tmp_path)
    found = client_signer(
        context_of(7, **{"partition-id": 1}),
        # In one process with the server: the folder counts, not the server's key.
        {"TALLY_FLOWER_KEYS": str(tmp_path), "TALLY_KEY": "11" * 32},
    )
    assert found.address == SIGNER.address


def test_a_node_with_a_process_of_its_own_has_its_key() -> None:
    assert client_signer(context_of(7), {"TALLY_KEY": KEY.hex()}).address == SIGNER.address


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key_file(tmp_path, mode=0o644)
    with pytest.raises(ConfigError, match="expected mode 0600, got 0644"):
        client_signer(context_of(7, **{"partition-id": 1}), {"TALLY_FLOWER_KEYS": str(tmp_path)})


def test_a_malformed_key_is_refused_without_being_printed(tmp_path: Path) -> None:
    key_file(tmp_path, text=KEY.hex()[:-2] + "zz")
    with pytest.raises(ConfigError, match=r"1\.key: expected a private key") as caught:
        client_signer(context_of(7, **{"partition-id": 1}), {"TALLY_FLOWER_KEYS": str(tmp_path)})
    assert KEY.hex()[:-2] not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_link_to_a_key_is_refused(tmp_path: Path) -> None:
    key_file(tmp_path, "elsewhere")
    (tmp_path / "1.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="expected a file with this node's key"):
        client_signer(context_of(7, **{"partition-id": 1}), {"TALLY_FLOWER_KEYS": str(tmp_path)})


@pytest.mark.parametrize("partition", [None, "1", -1, True, "../1"])
def test_a_node_without_a_partition_is_refused(tmp_path: Path, partition: object) -> None:
    config = {} if partition is None else {"partition-id": partition}
    with pytest.raises(ConfigError, match="expected a node with a partition-id"):
        client_signer(context_of(7, **config), {"TALLY_FLOWER_KEYS": str(tmp_path)})


def test_without_a_key_or_a_model_the_error_names_the_variable() -> None:
    with pytest.raises(ConfigError, match="TALLY_KEY"):
        server_signer({})
    with pytest.raises(ConfigError, match="TALLY_MODEL"), open_ground(SIGNER, {}):
        pass


def test_whether_a_node_trains_in_hidden_rounds_alone_is_said_by_one_word() -> None:
    assert requires_hidden({"TALLY_FLOWER_HIDDEN": "required"})
    assert not requires_hidden({"TALLY_FLOWER_HIDDEN": ""})
    assert not requires_hidden({})
    # A misspelt wish isn't taken for none.
    with pytest.raises(ConfigError, match="expected 'required' or nothing, got 'yes'"):
        requires_hidden({"TALLY_FLOWER_HIDDEN": "yes"})
