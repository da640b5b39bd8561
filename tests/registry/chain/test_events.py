"""Reading events: decoded like web3 does, in chunks, through re-orgs, from nodes that misbehave."""

from __future__ import annotations

from typing import Any

import pytest
from chain_parties import Forward, WatchedGateway
from deployed_scenario import DeployedScenario
from tests_roles import OWNER, PUBLISHER
from web3 import Web3

from registry.chain.abi_values import solidity_fields
from registry.chain.artifacts import load_artifact
from registry.chain.event_layout import decode_log
from registry.chain.events import EventReader, Pace, read_events
from registry.chain.gateway import Gateway, RpcError
from registry.errors import ChainError, NodesDisagree
from registry.index import ChainIndex

ZERO = bytes(32)
LICENCE = b"MIT".ljust(32, b"\0")


def raw_logs(gateway: Gateway, address: str) -> list[dict[str, Any]]:
    query = {"address": address, "fromBlock": "0x0", "toBlock": "latest"}
    found: list[dict[str, Any]] = gateway.request("eth_getLogs", [query])
    return found


def plain(value: Any) -> Any:
    """What web3 decodes, with tuples for lists."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return tuple(map(plain, value)) if isinstance(value, list | tuple) else value


def make_history(world: DeployedScenario) -> Any:
    registry = world.contract("ModelRegistry", OWNER)
    registry.write("register", "history", 1, b"\x07" * 32)
    model_id = registry.read("modelIdOf", OWNER.address, "history")
    registry.write("publishVersion", model_id, 1, (b"\x01" * 32, 0x70), [], ZERO, LICENCE)
    parent = registry.read("versionIdOf", model_id, 1)
    registry.write("publishVersion", model_id, 2, (b"\x02" * 32, 0x55), [parent], ZERO, ZERO)
    registry.write("yankVersion", model_id, 1, "läuft nicht ✓")
    registry.write("addPublisher", model_id, PUBLISHER.address)
    registry.write("grant", model_id, PUBLISHER.address, 1 << 40, b"\x09" * 32)
    return model_id


def test_every_log_decodes_to_what_web3_decodes(world: DeployedScenario) -> None:
    make_history(world)
    address = Web3.to_checksum_address(world.deployment.address("ModelRegistry"))
    contract = Web3().eth.contract(address=address, abi=list(load_artifact("ModelRegistry").abi))
    logs = raw_logs(world.gateway, address)
    assert len(logs) >= 8
    for log in logs:
        ours = decode_log("ModelRegistry", log)
        assert ours is not None
        theirs = contract.events[ours.name]().process_log(
            {
                **log,
                "topics": [bytes.fromhex(t[2:]) for t in log["topics"]],
                "data": bytes.fromhex(log["data"][2:]),
                "logIndex": 0,
                "transactionIndex": 0,
            }
        )
        assert plain(dict(theirs["args"])) == solidity_fields(ours.arguments)


def test_a_log_of_another_contract_is_passed_over(world: DeployedScenario) -> None:
    log = {"topics": ["0x" + "ab" * 32], "data": "0x"}
    assert decode_log("ModelRegistry", log) is None
    assert decode_log("ModelRegistry", {"topics": [], "data": "0x"}) is None


def test_a_log_that_is_cut_short_is_refused(world: DeployedScenario) -> None:
    make_history(world)
    address = world.deployment.address("ModelRegistry")
    log = next(x for x in raw_logs(world.gateway, address) if len(x["data"]) > 300)
    with pytest.raises(ChainError, match="malformed log"):
        decode_log("ModelRegistry", {**log, "data": log["data"][:66]})


class Capped:
    """A node that answers for at most `cap` blocks at a time, as public ones do."""

    def __init__(self, cap: int) -> None:
        self._cap, self.calls = cap, 0

    def __call__(self, method: str, params: list[Any], forward: Forward) -> Any:
        if method == "eth_getLogs":
            self.calls += 1
            span = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
            if span > self._cap:
                raise RpcError(method, {"code": -32005, "message": "query exceeds limit"})
        return forward()


def test_t36_a_node_that_caps_the_range_is_read_in_pieces(world: DeployedScenario) -> None:
    make_history(world)
    address = world.deployment.address("ModelRegistry").lower()
    last = world.gateway.block_number()
    whole = list(read_events(world.gateway, {address: "ModelRegistry"}, 0, last))
    capped = Capped(3)
    gateway = WatchedGateway.over(world.gateway, capped)
    assert list(read_events(gateway, {address: "ModelRegistry"}, 0, last)) == whole
    assert capped.calls > last // 3


def test_a_range_that_was_refused_is_tried_again_after_many_answers() -> None:
    pace = Pace()
    pace.failed(1_000, RpcError("eth_getLogs", {"code": -32005, "message": "limit"}))
    for _ in range(63):
        pace.worked(pace.size)
    assert pace.size == 999
    pace.worked(pace.size)
    assert pace.size == 1_998


def with_another_log(method: str, params: list[Any], forward: Forward) -> Any:
    """A node that adds a log of a contract nobody asked for."""
    answer = forward()
    if method == "eth_getLogs" and answer:
        answer = [*answer, {**answer[0], "address": "0x" + "ee" * 20}]
    return answer


def test_t36_a_node_that_answers_with_other_logs_is_named(world: DeployedScenario) -> None:
    make_history(world)
    address = world.deployment.address("ModelRegistry").lower()
    lying = WatchedGateway.over(world.gateway, with_another_log)
    with pytest.raises(ChainError, match="not sound"):
        list(read_events(lying, {address: "ModelRegistry"}, 0, world.gateway.block_number()))


def index_of(world: DeployedScenario, window: int = 64) -> ChainIndex:
    address = world.deployment.address("ModelRegistry")
    first = world.deployment.first_block
    return ChainIndex(EventReader(world.gateway, {address: "ModelRegistry"}, first, window))


def test_t01_a_reorg_that_drops_a_publish_rolls_the_index_back(world: DeployedScenario) -> None:
    registry = world.contract("ModelRegistry", OWNER)
    registry.write("register", "forked", 0, ZERO)
    model_id = registry.read("modelIdOf", OWNER.address, "forked")
    index = index_of(world)
    index.sync()
    before = world.gateway.request("evm_snapshot", [])
    registry.write("publishVersion", model_id, 1, (b"\x01" * 32, 0x70), [], ZERO, ZERO)
    assert index.sync().catalogue.versions[model_id, 1].content.digest == b"\x01" * 32
    world.gateway.request("evm_revert", [before])
    registry.write("publishVersion", model_id, 1, (b"\x02" * 32, 0x70), [], ZERO, ZERO)
    assert index.sync().catalogue.versions[model_id, 1].content.digest == b"\x02" * 32
    assert sum(e.name == "VersionPublished" for e in index.events) == 1


def test_t03_a_reorg_deeper_than_the_window_stops_loudly(world: DeployedScenario) -> None:
    before = world.gateway.request("evm_snapshot", [])
    registry = world.contract("ModelRegistry", OWNER)
    world.gateway.request("anvil_mine", [hex(10)])
    index = index_of(world, window=4)
    registry.write("register", "deep", 0, ZERO)
    index.sync()
    world.gateway.request("anvil_mine", [hex(20)])
    registry.write("register", "deeper", 0, ZERO)
    index.sync()
    world.gateway.request("evm_revert", [before])
    world.gateway.request("evm_increaseTime", [5])
    world.gateway.request("anvil_mine", [hex(40)])
    with pytest.raises(NodesDisagree, match="deeper than the 4 blocks"):
        index.sync()


def test_polling_again_reads_only_what_is_new(world: DeployedScenario) -> None:
    index = index_of(world)
    make_history(world)
    first = index.sync()
    count = len(index.events)
    assert index.sync() is first
    assert len(index.events) == count


def test_the_state_rebuilt_from_events_is_the_contract_s(world: DeployedScenario) -> None:
    model_id = make_history(world)
    state = index_of(world).sync()
    registry = world.contract("ModelRegistry")
    for version in state.catalogue.versions_of(model_id):
        content, status = registry.read("versionOf", model_id, version.number)
        assert version.content == content
        assert version.status == status
    model = state.catalogue.models[model_id]
    assert model.publishers == {PUBLISHER.address}
    grant = state.catalogue.grants[model_id, PUBLISHER.address]
    assert (grant.expiry, grant.wrapped_key_digest) == (1 << 40, b"\x09" * 32)
