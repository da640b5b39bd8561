"""mint, permit and votes

given the token
  when the timelock mints: the supply grows; when anyone else does, it reverts
  when it mints more than the epoch's cap leaves: it reverts with what is left
  when a holder signs a permit: anyone may submit it, once
  when a holder delegates: its balance counts as votes
"""

import pytest
from brownie import chain
from conftest import MINT_CAP, refused
from eth_account import Account
from eth_account.messages import encode_typed_data

KEY = bytes(30) + b"\x0a\x12"
DEADLINE = 2**64


def permit(token, web3, spender, amount, nonce):
    """Returns v, r, s of a permit by the key's account."""
    fields = ("owner", "spender", "value", "nonce", "deadline")
    types = ("address", "address", "uint256", "uint256", "uint256")
    owner = Account.from_key(KEY)
    message = encode_typed_data(
        domain_data={
            "name": "Reward",
            "version": "1",
            "chainId": web3.eth.chain_id,
            "verifyingContract": token.address,
        },
        message_types={
            "Permit": [{"name": n, "type": t} for n, t in zip(fields, types, strict=True)]
        },
        message_data=dict(
            zip(fields, (owner.address, spender.address, amount, nonce, DEADLINE), strict=True)
        ),
    )
    signed = owner.sign_message(message)
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


def test_the_timelock_alone_mints_up_to_the_cap(token, roles, timelock, decide):
    before = token.totalSupply()
    decide(token, token.mint.encode_input(roles.hospital, MINT_CAP - 1))
    assert token.totalSupply() - before == MINT_CAP - 1
    assert token.mintable() == 1
    with refused("NotMinter", roles.owner.address, timelock.address):
        token.mint(roles.owner, 5, {"from": roles.owner})
    with refused("CapExceeded", 2, 1):
        decide(token, token.mint.encode_input(roles.hospital, 2))


def test_t14_a_permit_is_good_once(token, roles, web3):
    owner = Account.from_key(KEY).address
    signature = permit(token, web3, roles.hospital, 7, 0)
    by = {"from": roles.stranger}
    token.permit(owner, roles.hospital, 7, DEADLINE, *signature, by)
    assert token.allowance(owner, roles.hospital) == 7
    assert token.nonces(owner) == 1
    with pytest.raises(Exception, match="ERC2612InvalidSigner"):
        token.permit(owner, roles.hospital, 7, DEADLINE, *signature, by)


def test_a_delegated_balance_counts_as_votes(token, roles):
    token.transfer(roles.hospital, 9, {"from": roles.owner})
    assert token.getVotes(roles.hospital) == 0
    tx = token.delegate(roles.hospital, {"from": roles.hospital})
    assert token.getVotes(roles.hospital) == 9
    token.transfer(roles.clinic, 4, {"from": roles.hospital})
    assert token.getVotes(roles.hospital) == 5
    chain.mine()
    assert token.getPastVotes(roles.hospital, tx.block_number) == 9
