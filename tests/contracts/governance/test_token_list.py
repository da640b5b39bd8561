"""allow, isAllowed, leastStake, tokens

given the list with the reward token
  when the timelock allows another: it counts as stake from its least amount on
  when anyone else does, or the amount is none, or the token has no code: it reverts
"""

from conftest import refused


def test_the_timelock_alone_allows_a_token(tokens, token, pool, roles, timelock, decide):
    assert (tokens.isAllowed(token), tokens.leastStake(token)) == (True, 5)
    with refused("NotGovernor", roles.owner.address, timelock.address):
        tokens.allow(pool, 7, {"from": roles.owner})
    event = decide(tokens, tokens.allow.encode_input(pool, 7)).events["TokenListed"]
    assert (event["token"], event["leastStake"]) == (pool, 7)
    assert list(tokens.tokens()) == [token, pool]


def test_a_token_has_code_and_a_least_stake(tokens, token, roles, decide):
    with refused("NotAToken", roles.stranger.address):
        decide(tokens, tokens.allow.encode_input(roles.stranger, 7))
    with refused("LeastStakeOutOfRange", 0, 1, 2**112 - 1):
        decide(tokens, tokens.allow.encode_input(token, 0))
