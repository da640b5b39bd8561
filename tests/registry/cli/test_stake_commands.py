"""`tally stake` and `tally dispute`, on a round in which everybody has revealed."""

from __future__ import annotations

from typing import Any

import pytest
from chain_parties import ChainScenario
from command_line import Tally
from staked_scenario import BOND, BUDGET, FUNDS, MODEL, PROPOSER, STAKE, WATCHER, StakedScenario
from tests_roles import OWNER, STRANGER

from registry.dates import date_text
from registry.fraud_proofs.nodes import RevealedUpdate


@pytest.fixture
def world(staked: StakedScenario) -> ChainScenario:
    """The command line works where the scene is."""
    return staked.place


def doubled(leaves: list[RevealedUpdate]) -> list[RevealedUpdate]:
    """Counts the last participant twice."""
    return [*leaves, leaves[-1]]


def of(tally: Tally, who: str) -> dict[str, Any]:
    """An account's stake as it is shown."""
    (row,) = tally.json("stake", "show", "--account", who)
    return dict(row)


def test_stake_is_put_in_sent_out_called_back_and_paid(
    tally: Tally, staked: StakedScenario
) -> None:
    staked.give(STRANGER, 1_000)
    tally.signer = STRANGER
    assert "tally stake deposit" in tally.told("stake", "show")
    assert tally.json("stake", "deposit", "600")["free"] == "600"
    assert "has 700 free" in tally.told("stake", "deposit", "100")
    assert tally.json("stake", "exit", "50")["exiting"] == "50"
    assert tally.json("stake", "cancel-exit") == {"cancelled": "50"}
    assert "nothing was on its way out" in tally.told("stake", "cancel-exit")
    assert "can be withdrawn from" in tally.told("stake", "exit", "70")
    said = tally.refused("stake", "withdraw", code=4)
    assert said.startswith("tally: StillUnbonding: the stake can be paid out from ")
    available = of(tally, STRANGER.address)["availableAt"]
    staked.clock.wait_until(available)
    assert tally.json("stake", "withdraw") == {"withdrawn": "70"}
    assert "tally stake exit" in tally.told("stake", "withdraw")
    assert of(tally, STRANGER.address) == {
        "token": staked.token,
        "free": "630",
        "locked": "0",
        "exiting": "0",
        "availableAt": 0,
        "awarded": "0",
    }


def test_controllers_are_named_by_name_or_address(tally: Tally, staked: StakedScenario) -> None:
    by_address = staked.owner.connection.contracts["Questions"].address
    tally.signer = STRANGER
    assert {row["allowed"] for row in tally.json("stake", "controllers")} == {False}
    words = ["--add", "StakedRounds", "--add", by_address]
    rows = tally.json("stake", "controllers", *words)
    assert {(row["name"], row["allowed"]) for row in rows} == {
        ("StakedRounds", True),
        ("Questions", True),
        ("Evaluations", False),
    }
    rows = tally.json("stake", "controllers", "--remove", "StakedRounds", "--remove", by_address)
    assert {row["allowed"] for row in rows} == {False}
    vault = staked.owner.connection.contracts["StakeVault"].address
    said = tally.refused("stake", "controllers", "--add", vault, code=4)
    assert said.startswith("tally: NotOffered: the vault doesn't offer ")
    said = tally.refused("stake", "controllers", "--add", "Nobody", code=2)
    assert "expected an address" in said


def test_an_award_is_collected_for_whom_it_is(
    tally: Tally, staked: StakedScenario, round_id: bytes
) -> None:
    bad = staked.tree(round_id, doubled)
    staked.proposed(round_id, bad)
    staked.client(WATCHER).disputes.prove_wrong_node(round_id, *staked.bottom(bad))
    words = ["stake", "collect", "--account", WATCHER.address]
    assert tally.json(*words) == {"account": WATCHER.address, "collected": str(3 * STAKE // 2)}
    assert "nothing was awarded" in tally.told(*words)
    listed = tally.json("dispute", "list", MODEL, "1")
    assert [(r["kind"], r["state"], r["about"]) for r in listed] == [
        ("proposal", "rejected", "wrong node")
    ]
    assert "none stands" in tally.told("dispute", "show", MODEL)


def test_a_proposal_is_shown_settled_and_its_stakes_are_released(
    tally: Tally, staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id)
    proposal = staked.proposed(round_id, tree)
    staked.client(WATCHER).disputes.ask_node(round_id, tree.path(0, 0))
    shown = tally.json("dispute", "show", MODEL, "1")
    assert shown["proposal"]["proposal"]["top"]["count"] == 3
    assert shown["proposal"]["standing"] == "standing"
    assert shown["stakes"]["rule"] == "mean"
    assert (shown["openQuestions"], shown["sponsor"]) == ([0], OWNER.address)
    assert shown["slashEnd"] == staked.owner.staked_rounds.slash_end(round_id)
    told = tally.told("dispute", "list", MODEL, "1")
    assert "question" in told
    assert "node" in told
    ends = shown["proposal"]["ends_at"]
    staked.client(PROPOSER).disputes.answer_node(round_id, 0, *staked.bottom(tree))
    said = tally.refused("dispute", "settle", MODEL, "1", code=4)
    assert said.startswith("tally: DisputeWindowOpen: ")
    staked.clock.wait_until(ends)
    assert tally.json("dispute", "settle", MODEL, "1") == {"round": 1}
    assert "settled" in tally.told("dispute", "show", MODEL)
    words = ["stake", "release", MODEL, "1", "--account", PROPOSER.address]
    assert tally.json(*words)["released"] is True
    assert "locks no stake" in tally.told(*words)
    assert of(tally, PROPOSER.address)["free"] == str(FUNDS)
    assert staked.client(PROPOSER).disputes.close_question(round_id, 0)
    assert of(tally, PROPOSER.address)["awarded"] == str(BOND)
    result = staked.owner.round(MODEL, 1).result
    assert result is not None
    assert result.result_root == proposal.top.numerators_root


def test_what_nothing_is_kept_of_is_not_collected(tally: Tally, staked: StakedScenario) -> None:
    who = staked.people[0].address
    assert tally.json("reward", "collect", "--account", who) == {"account": who, "collected": "0"}
    assert f"nothing is kept for {OWNER.address}" in tally.told("reward", "collect")


def test_a_round_without_a_proposal_is_voided_and_its_pot_goes_back(
    tally: Tally, staked: StakedScenario, round_id: bytes
) -> None:
    assert "no proposal" in tally.told("dispute", "list", MODEL, "1")
    pot = f"pot of round 1: funded {BUDGET}, paid 0, returned 0, left {BUDGET}"
    assert pot in tally.told("reward", "show", MODEL)
    said = tally.refused("dispute", "void", MODEL, "1", code=4)
    assert said.startswith("tally: CannotVoid: ")
    said = tally.refused("reward", "refund", MODEL, "1", code=4)
    assert said.startswith("tally: NotVoided: ")
    staked.clock.wait_until(staked.term(round_id, "proposal_deadline"))
    assert tally.json("dispute", "void", MODEL, "1") == {"round": 1}
    assert "round 1 is void" in tally.told("dispute", "void", MODEL, "1")
    words = ["reward", "refund", MODEL, "1", "--account", OWNER.address]
    assert tally.json(*words)["refunded"] == str(BUDGET)
    assert "has nothing in that pot" in tally.told(*words)


def test_what_is_certified_and_whose_stake_is_burnt_is_shown(
    tally: Tally, staked: StakedScenario, round_id: bytes
) -> None:
    leaf = staked.owner.staked_rounds.counted(round_id)[2]
    people = [person.address for person in staked.people]
    assert tally.json("dispute", "show", MODEL)["certified"] == sorted(people)
    assert "certified   3, by 2 holders at least" in tally.told("dispute", "show", MODEL)
    watcher = staked.client(WATCHER).disputes
    number = watcher.ask_update(round_id, leaf, 0)
    staked.clock.wait_until(watcher.question(round_id, number).deadline)
    watcher.punish_silence(round_id, number)
    staked.owner.availability.burn_for_update(round_id, leaf.participant)
    listed = tally.json("dispute", "list", MODEL, "1")
    assert [(r["kind"], r["account"], r["about"]) for r in listed] == [
        ("slash", people[2], "withheld update"),
        ("burnt", people[0], "withheld update"),
        ("burnt", people[1], "withheld update"),
        ("question", WATCHER.address, "update, chunk 0"),
    ]


def test_a_proposal_that_nobody_vouches_for_yet_is_shown_with_its_time(
    tally: Tally, staked: StakedScenario, round_id: bytes
) -> None:
    staked.proposed(round_id, staked.tree(round_id), certified=False)
    shown = tally.json("dispute", "show", MODEL)["proposal"]
    assert (shown["ends_at"], shown["vouchers"]) == (0, [])
    assert f"certified until {date_text(shown['certify_by'])}" in tally.told(
        "dispute", "show", MODEL
    )
    staked.certify_result(round_id)
    shown = tally.json("dispute", "show", MODEL)["proposal"]
    assert shown["vouchers"] == sorted(person.address for person in staked.people[:2])
    assert f"disputes until {date_text(shown['ends_at'])}" in tally.told("dispute", "show", MODEL)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["stake", "exit", "1"], 4, "InsufficientFree"),
        (["stake", "deposit", "1"], 4, "ERC20InsufficientBalance"),
        (["dispute", "settle", MODEL, "1"], 9, "RoundError"),
        (["dispute", "list", MODEL, "7"], 2, "has no round 7"),
        (["dispute", "show", "nobody-s"], 2, "no model named"),
        (["stake", "release", MODEL, "2"], 2, "has no round 2"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_refused_is_told_in_one_line(
    tally: Tally, words: list[str], code: int, says: str
) -> None:
    assert says in tally.refused(*words, code=code, signer=STRANGER)


@pytest.mark.parametrize("amount", ["0", "-5", "ten"])
def test_an_amount_is_a_number_above_0(tally: Tally, amount: str) -> None:
    done = tally.run("stake", "deposit", "--", amount)
    assert (done.code, done.out) == (2, "")


def test_without_a_key_only_looking_is_possible(tally: Tally, staked: StakedScenario) -> None:
    tally.signer = None
    assert of(tally, staked.people[0].address)["locked"] == str(STAKE)
    assert "a key" in tally.refused("stake", "withdraw", code=2)
    assert "give --account or a key" in tally.refused("stake", "show", code=2)
    assert tally.json("dispute", "show", MODEL)["number"] == 1


def test_rounds_under_stake_are_made_a_publisher_by_their_name(
    tally: Tally, staked: StakedScenario
) -> None:
    words = ["model", "publisher", MODEL, "StakedRounds"]
    address = staked.owner.staked_rounds.address
    assert tally.json(*words, "--remove") == {"account": address}
    assert address not in staked.owner.model(MODEL).publishers
    assert tally.json(*words) == {"account": address}
    assert address in staked.owner.model(MODEL).publishers
    said = tally.refused("model", "publisher", MODEL, "StakeVault", code=2)
    assert "expected an address" in said
