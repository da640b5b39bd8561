"""register and registerModel

given no model of that owner and slug
  when the slug satisfies M-1: it registers it under the id of M-2 and says so in two events
  when the slug breaks M-1: it reverts InvalidSlug with the text and the place
  when a free name and a CID are given: it normalises the name and publishes version 1
  when the CID is none: it reverts InvalidCid with the text
given a model of that owner and slug
  when it is registered again: it reverts ModelExists with the id
  when another account registers the slug: it registers another model
"""

import pytest
from conftest import DAG_PB, RAW, ZERO, refused, word
from eth_abi import encode
from eth_utils import keccak

V1 = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
V1_DIGEST = "0xc3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a"
RAW_CID = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"  # of the empty file


def test_it_registers_under_the_id_that_binds_chain_registry_owner_and_slug(registry, roles, web3):
    tx = registry.register("heart-net", 1, word(5), {"from": roles.hospital})
    fields = [web3.eth.chain_id, registry.address, roles.hospital.address, keccak(b"heart-net")]
    expected = "0x" + keccak(encode(["uint256", "address", "address", "bytes32"], fields)).hex()
    assert registry.modelIdOf(roles.hospital, "heart-net") == expected
    event = tx.events["ModelRegistered"]
    assert (event["modelId"], event["owner"], event["name"]) == (
        expected,
        roles.hospital.address,
        "heart-net",
    )
    assert tx.events["ModelDescribed"]["descriptionDigest"] == word(5)
    assert registry.modelOf(expected)[0] == roles.hospital


@pytest.mark.parametrize(
    ("slug", "place"),
    [("", 0), ("a" * 65, 65), ("A", 0), ("a b", 1), ("-a", 0), ("a-", 1), ("a--b", 2), ("é", 0)],
)
def test_it_refuses_a_slug_that_breaks_the_rule(registry, roles, slug, place):
    with refused("InvalidSlug", slug, place):
        registry.register(slug, 0, ZERO, {"from": roles.hospital})


def test_t23_it_refuses_a_duplicate(registry, roles, model):
    with refused("ModelExists", str(model)):
        registry.register("tumour-net", 0, ZERO, {"from": roles.owner})


def test_t23_another_owner_has_a_namespace_of_its_own(registry, roles, model):
    registry.register("tumour-net", 0, ZERO, {"from": roles.hospital})
    assert registry.modelIdOf(roles.hospital, "tumour-net") != model


def test_the_simple_surface_normalises_the_name_and_publishes_the_cid(registry, roles):
    registry.registerModel("Heart Net", V1, True, {"from": roles.hospital})
    model_id = registry.modelIdOf(roles.hospital, "heart-net")
    assert registry.versionOf(model_id, 1) == ((V1_DIGEST, DAG_PB), 1)


def test_the_simple_surface_reads_a_raw_cid(registry, roles):
    registry.registerModel("raw", RAW_CID, True, {"from": roles.hospital})
    content, _ = registry.versionOf(registry.modelIdOf(roles.hospital, "raw"), 1)
    assert content[1] == RAW


def test_the_simple_surface_takes_no_cid_for_a_model_without_a_version(registry, roles):
    registry.registerModel("later", "", False, {"from": roles.hospital})
    assert registry.modelOf(registry.modelIdOf(roles.hospital, "later"))[3] == 0


@pytest.mark.parametrize("text", ["Qm", V1[:-1] + "1", "b" * 59, "https://example.org", V1 + "a"])
def test_the_simple_surface_refuses_what_is_no_cid(registry, roles, text):
    with refused("InvalidCid", text):
        registry.registerModel("bad", text, True, {"from": roles.hospital})
