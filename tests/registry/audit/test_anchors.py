"""Which block an audit is of, who vouches for it, and a deployment's file that lies (T-36, T-54).

given a node that everything is read from
  when nobody else vouches for the block: the report says so first
  when the user knows a block's hash: the audit is of that block
  when a second node has what the first keeps to itself: they disagree
given a deployment's file, or an account, that is other than it seems
  when it is audited: code, arguments and start are held against the sources and the chain
given an honest history
  when it goes on meanwhile, or an account gets code later: nothing is wrong
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from audited_federation import AuditedFederation
from chain_federation import MODEL
from chain_parties import Forward, WatchedGateway

from registry.audit import FindingKind, Report, audit
from registry.audit.anchor import choose_anchor
from registry.chain.deployments import Deployment
from registry.chain.gateway import Gateway, connect
from registry.chain.headers import header_at, headers_back_to
from registry.chain.receipt_proofs import proven_logs
from registry.errors import ConfigError, NodesDisagree, NodeUnsound
from registry.hashing import keccak256
from registry.types import Visibility
from trainer.adapters.replay import Replay


def test_an_audit_that_nobody_vouches_for_says_so(audited: AuditedFederation) -> None:
    report = audited.audit()
    assert report.clean
    assert "vouched for by http://127.0.0.1" in report.anchor
    assert report.anchor.endswith("alone: give --trusted-block or --second-rpc")
    assert report.believed == []


def test_a_block_that_the_user_knows_is_the_one_that_is_audited(audited: AuditedFederation) -> None:
    gateway = audited.federation.place.gateway
    whole = audited.audit().checked["events"]
    older = gateway.block(gateway.block_number() - 3)
    report = audited.audit(trusted_block=older["hash"])
    assert report.clean
    assert report.block_number == int(older["number"], 16)
    assert report.checked["events"] < whole
    assert "vouched for by you" in report.anchor


def test_away_from_development_chains_the_newest_finalised_block_is_audited(
    audited: AuditedFederation,
) -> None:
    asked = []

    def around(method: str, params: list[Any], forward: Forward) -> Any:
        asked.append(params[0])
        return forward()

    node = audited.federation.place.gateway
    choose_anchor(replace(WatchedGateway.over(node, around), chain_id=1))
    choose_anchor(WatchedGateway.over(node, around))
    assert asked == ["finalized", "latest"]


def test_a_hash_that_is_none_and_a_block_of_another_chain_are_refused(
    audited: AuditedFederation,
) -> None:
    with pytest.raises(ConfigError, match="--trusted-block: expected a block's hash"):
        audited.audit(trusted_block="0x12")
    with pytest.raises(NodeUnsound, match="has no block 0xababab"):
        audited.audit(trusted_block="0x" + "ab" * 32)


def test_a_node_that_gives_another_block_than_the_one_asked_for_is_named(
    audited: AuditedFederation,
) -> None:
    newest = audited.federation.place.gateway.block("latest")["hash"]

    def other(gateway: Gateway) -> Callable[[str, list[Any], Forward], Any]:
        def around(method: str, params: list[Any], forward: Forward) -> Any:
            if method == "eth_getBlockByHash":
                return Gateway.request(gateway, "eth_getBlockByNumber", ["0x3", False])
            return forward()

        return around

    with pytest.raises(NodeUnsound, match=f"gives another block than {newest}"):
        audited.audit(other, trusted_block=newest)


def _behind(gateway: Gateway, blocks: int) -> WatchedGateway:
    """A node that keeps the newest blocks to itself."""
    newest = max(0, gateway.block_number() - blocks)

    def around(method: str, params: list[Any], forward: Forward) -> Any:
        if method == "eth_getBlockByNumber":
            if params[0] in ("latest", "finalized"):
                params = [hex(newest), *params[1:]]
                return Gateway.request(gateway, method, params)
            return forward() if int(params[0], 16) <= newest else None
        return forward()

    return WatchedGateway.over(gateway, around)


@pytest.mark.parametrize("blocks", [3, 10**6])
def test_a_first_node_that_hides_the_newest_blocks_is_told_from_the_second(
    audited: AuditedFederation, blocks: int
) -> None:
    url = audited.federation.place.gateway.url
    hiding = _behind(connect(url), blocks)
    connection = audited.federation.place.client(gateway=hiding).connection
    with pytest.raises(NodesDisagree, match="has not: it is behind, or keeps"):
        audit(connection, replay=None, second=connect(url))


def test_a_second_node_has_to_have_the_block_that_the_user_knows(
    audited: AuditedFederation,
) -> None:
    gateway = audited.federation.place.gateway
    newest, second = gateway.block("latest")["hash"], _behind(gateway, 3)
    assert audited.audit(trusted_block=newest, second=gateway).anchor.endswith("and two nodes")
    with pytest.raises(NodesDisagree, match="has not: it is behind, or keeps"):
        audited.audit(trusted_block=newest, second=second)


def test_a_block_that_a_re_org_replaces_meanwhile_gets_no_verdict(
    audited: AuditedFederation,
) -> None:
    asked: list[Any] = []
    node = audited.federation.place.gateway
    before = node.request("evm_snapshot", [])
    node.request("evm_mine", [])

    def reorganised(gateway: Gateway) -> Callable[[str, list[Any], Forward], Any]:
        def around(method: str, params: list[Any], forward: Forward) -> Any:
            if method == "eth_call" and not asked:
                asked.append(method)
                node.request("evm_revert", [before])
                node.request("evm_increaseTime", [60])
                node.request("evm_mine", [])
            return forward()

        return around

    with pytest.raises(NodesDisagree, match="changed while it was audited"):
        audited.audit(reorganised)
    assert asked == ["eth_call"]


def test_two_nodes_that_agree_vouch_for_the_block(audited: AuditedFederation) -> None:
    report = audited.audit(second=connect(audited.federation.place.gateway.url))
    assert report.clean
    assert report.anchor.endswith("is the same at two nodes")


def test_logs_that_a_node_keeps_to_itself_are_not_asked_for(audited: AuditedFederation) -> None:
    def silent(gateway: Gateway) -> Callable[[str, list[Any], Forward], Any]:
        return lambda method, params, forward: [] if method == "eth_getLogs" else forward()

    assert audited.audit(silent).checked["events"] == audited.audit().checked["events"] > 20


def _audited_with(a: AuditedFederation, deployment: Deployment) -> Report:
    connection = a.federation.place.client().connection
    return audit(replace(connection, deployment=deployment), replay=None)


def _deployment(a: AuditedFederation) -> Deployment:
    return a.federation.client.connection.deployment


def test_a_contract_replaced_with_its_hash_changed_in_the_file_is_named(
    audited: AuditedFederation,
) -> None:
    gateway, deployment = audited.federation.place.gateway, _deployment(audited)
    connection = audited.federation.place.client().connection  # the file's hash is right as yet
    judge = deployment.contracts["AggregationJudge"]
    gateway.request("anvil_setCode", [judge.address, "0x00"])
    gateway.request("evm_mine", [])
    lie = replace(judge, code_hash="0x" + keccak256(b"\0").hex())
    lying = deployment.with_contract("AggregationJudge", lie)
    report = audit(replace(connection, deployment=lying), replay=None)
    (finding,) = [f for f in report.findings if f.kind is FindingKind.DEPLOYMENT]
    assert finding.subject == f"code of AggregationJudge at {judge.address}"
    assert finding.whose == "deployment file"


@pytest.mark.parametrize("name", ["TrainingRounds", "StakedRounds", "Disputes", "StakeVault"])
def test_a_false_argument_of_a_constructor_is_named(audited: AuditedFederation, name: str) -> None:
    deployment = _deployment(audited)
    entry = deployment.contracts[name]
    wrong = ("0x" + "11" * 20, *entry.constructor_arguments[1:])
    lie = replace(entry, constructor_arguments=wrong)
    report = _audited_with(audited, deployment.with_contract(name, lie))
    assert {f.kind for f in report.findings} == {FindingKind.DEPLOYMENT}
    assert any(f.subject.startswith(f"code of {name}") for f in report.findings)


def test_a_false_controller_of_the_vault_is_named(audited: AuditedFederation) -> None:
    deployment = _deployment(audited)
    entry = deployment.contracts["StakeVault"]
    *rest, controllers = entry.constructor_arguments
    lie = replace(entry, constructor_arguments=(*rest, ["0x" + "11" * 20, *controllers[1:]]))
    report = _audited_with(audited, deployment.with_contract("StakeVault", lie))
    (finding,) = report.findings  # the code doesn't hold it: what stands there is the same
    assert (finding.kind, finding.whose) == (FindingKind.DEPLOYMENT, "deployment file")
    assert finding.subject == "StakeVault: constructor argument 3"


def test_a_place_that_a_node_tells_of_a_log_is_not_taken(audited: AuditedFederation) -> None:
    gateway = audited.federation.place.gateway
    contracts = {c.address.lower() for c in _deployment(audited).contracts.values()}
    headers = list(headers_back_to(gateway, header_at(gateway, "latest"), 0))

    def around(method: str, params: list[Any], forward: Forward) -> Any:
        answer = forward()
        if method == "eth_getBlockReceipts":
            for receipt in answer:
                receipt["logs"] = [{**log, "logIndex": "0x63"} for log in receipt["logs"]]
        return answer

    told = proven_logs(WatchedGateway.over(gateway, around), headers, contracts)
    assert list(told) == list(proven_logs(gateway, headers, contracts))


def test_a_start_after_the_first_events_is_named(audited: AuditedFederation) -> None:
    deployment = _deployment(audited)
    late = audited.federation.place.gateway.block_number() - 2
    for name, entry in deployment.contracts.items():
        deployment = deployment.with_contract(name, replace(entry, block=late))
    report = _audited_with(audited, deployment)
    told = [f for f in report.findings if f.kind is FindingKind.DEPLOYMENT]
    assert any("events are left out" in f.found for f in told)
    assert any(f.subject == "events" for f in told)


def test_a_start_in_the_future_is_refused(audited: AuditedFederation) -> None:
    deployment = _deployment(audited)
    for name, entry in deployment.contracts.items():
        deployment = deployment.with_contract(name, replace(entry, block=10**9))
    with pytest.raises(ConfigError, match="begins in block 1000000000"):
        _audited_with(audited, deployment)


def test_an_account_that_gets_code_later_has_still_signed(audited: AuditedFederation) -> None:
    gateway = audited.federation.place.gateway
    for index in range(3):
        gateway.request("anvil_setCode", [audited.address(index), "0x6000"])
    gateway.request("evm_mine", [])
    assert audited.audit().findings == []


def test_a_chain_that_goes_on_meanwhile_is_no_divergence(audited: AuditedFederation) -> None:
    asked: list[Any] = []
    client = audited.federation.client

    def busy(gateway: Gateway) -> Callable[[str, list[Any], Forward], Any]:
        def around(method: str, params: list[Any], forward: Forward) -> Any:
            if method == "eth_call" and len(asked) < 4:
                asked.append(method)
                client.register(f"meanwhile-{len(asked)}", Visibility.PRIVATE)
                client.set_channel(MODEL, "canary", 1 + len(asked) % 2)
            return forward()

        return around

    assert audited.audit(busy).findings == []
    assert len(asked) == 4


def test_an_odd_version_hides_no_divergence(audited: AuditedFederation) -> None:
    client = audited.federation.client
    model = client.model(MODEL)
    client.connection.contracts["ModelRegistry"].write(
        "publishVersion",
        model.model_id,
        3,
        (b"\x07" * 32, 0x70),
        [],
        bytes(32),
        b"MIT".ljust(32, b"\0"),
    )
    odd = audited.audit()
    assert odd.clean
    (finding,) = odd.findings
    assert finding.whose == f"publisher {client.account}"
    lying = audited.audit(replay=Replay())
    assert lying.findings == odd.findings
    with audited.changed_byte(
        audited.block_of(client.version(f"{MODEL}:2").content.digest, "model.safetensors")
    ):
        both = audited.audit()
    assert not both.clean
    assert finding in both.findings
