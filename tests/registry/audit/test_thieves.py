"""T-36, T-53: what strangers tried against an audit that trusts none, each with the right outcome.

given a payout root that pays one person everything
  when a node spells the same bytes otherwise: the audit finds the root as before
  when one node of two turns time back: they disagree
given content that a stranger published under its own model
  when it is malformed, huge or unspeakably deep: it is odd, and the audit goes on
given a participant that withholds its content until the result stands
  when it is there afterwards: nobody is called wrong
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from audited_federation import AuditedFederation, Lie
from chain_federation import MODEL
from chain_parties import Forward, WatchedGateway
from tests_roles import STRANGER
from told_histories import Around, naive, places_of, told_of

from registry.audit import FindingKind, audit
from registry.chain.gateway import Gateway, connect
from registry.documents.result import Reason, RefusedUpdate
from registry.errors import ChainError, ConfigError, NodesDisagree
from registry.storage import DAG_PB, RAW, Cid, Store
from registry.storage.dag_pb import DIRECTORY, FILE, Link, UnixFsData, encode_node, encode_unixfs
from registry.storage.flatfs import FlatFiles


def _crime(audited: AuditedFederation) -> str:
    """Posts a root that pays one person everything; returns the newest block's hash."""
    client, federation = audited.federation.client, audited.federation
    model = client.model(MODEL)
    funded = client.payouts.distribution(model, federation.token).funded
    client.payouts.post(model, federation.token, {federation.people[0].address: funded})
    return str(federation.place.gateway.block("latest")["hash"])


def _spelled(how: str) -> Lie:
    """A node that tells every log in another spelling of the same bytes."""

    def lie(gateway: Gateway) -> Around:
        told = told_of(gateway)
        for place in places_of(told):
            log = place.of(told)
            if how == "no 0x":
                log["address"] = log["address"][2:]
            elif how == "capitals":
                log["topics"] = ["0x" + topic[2:].upper() for topic in log["topics"]]
            else:
                log["address"] = log["address"][:4] + " " + log["address"][4:]
        return naive(told)

    return lie


def test_another_spelling_of_the_same_bytes_hides_nothing(audited: AuditedFederation) -> None:
    newest = _crime(audited)
    report = audited.audit(_spelled("capitals"), trusted_block=newest)
    assert FindingKind.PAYOUT in {finding.kind for finding in report.findings}
    for how in ("no 0x", "a blank"):
        with pytest.raises(ChainError):
            audited.audit(_spelled(how), trusted_block=newest)


def _turned_back(gateway: Gateway, block: int) -> WatchedGateway:
    """A node that tells an older block as its newest, and knows all."""

    def around(method: str, params: list[Any], forward: Forward) -> Any:
        if method == "eth_getBlockByNumber" and params[0] in ("latest", "finalized"):
            return Gateway.request(gateway, method, [hex(block), False])
        return forward()

    return WatchedGateway.over(gateway, around)


@pytest.mark.parametrize("liar", ["the first", "the second"])
def test_one_node_of_two_turns_no_time_back(audited: AuditedFederation, liar: str) -> None:
    url = audited.federation.place.gateway.url
    before = audited.federation.place.gateway.block_number()
    _crime(audited)
    late, honest = _turned_back(connect(url), before), connect(url)
    first, second = (late, honest) if liar == "the first" else (honest, late)
    connection = audited.federation.place.client(gateway=first).connection
    report = audit(connection, replay=None, second=second)
    assert report.block_number > before
    assert not report.clean


def test_a_second_node_that_lacks_the_first_one_s_block_disagrees(
    audited: AuditedFederation,
) -> None:
    url = audited.federation.place.gateway.url

    def around(method: str, params: list[Any], forward: Forward) -> Any:
        if method == "eth_getBlockByNumber":
            wanted = "0x3" if params[0] in ("latest", "finalized") else params[0]
            if int(wanted, 16) > 3:
                return None
            return Gateway.request(connect(url), method, [wanted, False])
        return forward()

    with pytest.raises(NodesDisagree):
        audited.audit(second=WatchedGateway.over(connect(url), around))


def _directory(store: Store, links: list[Link]) -> Cid:
    return store.put_block(encode_node(links, encode_unixfs(UnixFsData(DIRECTORY))), DAG_PB)


def _deep(store: Store, leaf: Cid) -> Cid:
    for _ in range(25):
        leaf = _directory(store, [Link(leaf, "n" * 250, 1)])
    return leaf


def _unfolding(store: Store, leaf: Cid) -> Cid:
    size = 1 << 18
    node = store.put_block(bytes(size), RAW)
    for _ in range(4):
        parts = UnixFsData(FILE, b"", 170 * size, (size,) * 170)
        block = encode_node([Link(node, "", size)] * 170, encode_unixfs(parts))
        node = store.put_block(block, DAG_PB)
        size *= 170
    return _directory(store, [Link(node, "a", size)])


ODD: dict[str, Callable[[Store, Cid], Cid]] = {
    "a size of a petabyte": lambda store, leaf: _directory(store, [Link(leaf, "a", 1 << 50)]),
    "the largest size": lambda store, leaf: _directory(store, [Link(leaf, "a", (1 << 64) - 1)]),
    "a path of 6,000 characters": _deep,
    "a file that unfolds": _unfolding,
    "no UnixFS": lambda store, leaf: store.put_block(b"\x00garbage", DAG_PB),
    "a manifest that is a folder": lambda store, leaf: _directory(
        store, [Link(_directory(store, []), "manifest.json", 1)]
    ),
    "half a character in the manifest": lambda store, leaf: _directory(
        store, [Link(store.put_block(b'{"a":"\\ud800"}', RAW), "manifest.json", 1)]
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_t53_a_stranger_s_version_ends_no_audit(audited: AuditedFederation, kind: str) -> None:
    federation = audited.federation
    federation.place.fund(STRANGER, ether=1)
    client = federation.client_of(STRANGER)
    model = client.register("stranger")
    cid = ODD[kind](federation.store, federation.store.put_block(b"x", RAW))
    client.connection.contracts["ModelRegistry"].write(
        "publishVersion", model.model_id, 1, (cid.digest, cid.codec), [], bytes(32), bytes(32)
    )
    report = audited.audit()
    assert report.clean
    assert all(f.whose == f"publisher {STRANGER.address}" for f in report.findings)


@pytest.mark.parametrize("text", [None, b'{"a":"\\ud800"}'])
def test_t53_a_stranger_s_root_that_pays_nothing_is_its_own(
    audited: AuditedFederation, text: bytes | None
) -> None:
    federation = audited.federation
    federation.place.fund(STRANGER, ether=1)
    client = federation.client_of(STRANGER)
    model = client.register("stranger")
    digest = b"\2" * 32 if text is None else federation.blobs.put_bytes(text)
    client.connection.contracts["PayoutDistributor"].write(
        "postRoot", model.model_id, federation.token, b"\1" * 32, 0, digest
    )
    assert audited.audit().clean


def test_content_that_is_withheld_and_then_given_calls_nobody_wrong(
    audited: AuditedFederation,
) -> None:
    federation = audited.federation
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    people = federation.participants()
    for _ in range(4):
        for person in people:
            person.step(round_id)
    who = federation.people[1].address
    digest = federation.client.state().rounds.rounds[round_id].reveals[who].content_digest
    path = FlatFiles(federation.store.folder / "blocks").path(Cid(DAG_PB, digest))
    withheld = path.read_bytes()
    path.unlink()
    federation.coordinator("fresh").run_round(round_id)
    assert audited.audit().findings == []
    path.write_bytes(withheld)
    report = audited.audit()
    assert report.clean
    (finding,) = report.findings
    assert finding.whose.startswith(f"participant {who} or coordinator ")


def test_views_are_asked_by_what_was_named_and_not_by_all_pairs(audited: AuditedFederation) -> None:
    federation, calls = audited.federation, []
    federation.place.fund(STRANGER, ether=1)
    mine = federation.client_of(STRANGER).stakes
    offered = list(mine.offered_controllers().values())
    for controller in offered:
        mine.set_controller(controller)
    for index in (0, 1, 2):
        federation.client_of(federation.people[index]).stakes.set_controller(offered[0])

    def counting(gateway: Gateway) -> Around:
        def around(method: str, params: list[Any], forward: Forward) -> Any:
            calls.append(method)
            return forward()

        return around

    assert audited.audit(counting).clean
    many = calls.count("eth_call")
    calls.clear()
    federation.client_of(federation.people[3]).stakes.set_controller(offered[0])
    assert audited.audit(counting).clean
    # One more account is asked for each controller that there is, whoever names how many.
    assert calls.count("eth_call") == many + len(offered)
    calls.clear()
    federation.client_of(federation.people[3]).stakes.set_controller(offered[1])
    assert audited.audit(counting).clean
    assert calls.count("eth_call") == many + len(offered)


def test_a_node_that_invents_code_makes_no_signature_good(audited: AuditedFederation) -> None:
    refused = [RefusedUpdate(audited.address(3), Reason.STATEMENT, "so it says")]
    honest = audited.propose(audited.accepting([0, 1, 2], refused))
    assert FindingKind.SIGNATURE in {finding.kind for finding in honest.findings}
    forger = audited.address(2).lower()
    magic = "0x1626ba7e" + "0" * 56

    def inventing(gateway: Gateway) -> Around:
        def around(method: str, params: list[Any], forward: Forward) -> Any:
            if method == "eth_getCode" and params[0].lower() == forger:
                return "0x6000"
            if method == "eth_call" and params[0]["to"].lower() == forger:
                return magic
            return forward()

        return around

    told = audited.audit(inventing)
    assert FindingKind.SIGNATURE in {finding.kind for finding in told.findings}
    assert told.findings == honest.findings


def test_a_block_before_the_deployment_was_whole_is_refused(audited: AuditedFederation) -> None:
    early = audited.federation.place.gateway.block(6)["hash"]
    with pytest.raises(ConfigError, match="give a later one"):
        audited.audit(trusted_block=early)
