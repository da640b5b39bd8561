"""nameSuccessor, successor

given a registry
  when the timelock names a successor: the registry tells it
  when it names the registry itself or nobody, or another account names one: it reverts
"""

from conftest import refused

NOBODY = "0x" + "00" * 20


def test_the_timelock_alone_names_a_successor(registry, roles, timelock, decide):
    assert registry.successor() == NOBODY
    with refused("NotGovernor", roles.owner.address, timelock.address):
        registry.nameSuccessor(roles.stranger, {"from": roles.owner})
    tx = decide(registry, registry.nameSuccessor.encode_input(roles.stranger))
    assert tx.events["SuccessorNamed"]["successor"] == roles.stranger
    assert registry.successor() == roles.stranger


def test_neither_itself_nor_nobody_succeeds_it(registry, decide):
    for wrong in (registry.address, NOBODY):
        with refused("InvalidSuccessor", wrong):
            decide(registry, registry.nameSuccessor.encode_input(wrong))
