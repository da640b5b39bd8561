"""`tally name`, and what commands say of names (M-11, M-12)."""

from __future__ import annotations

import re

from command_line import Tally
from tests_roles import HOSPITAL, OWNER


def test_a_name_is_told_listed_pinned_and_forgotten(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"), signer=HOSPITAL)
    (listed,) = tally.json("name", "list")
    assert (listed["name"], listed["owner"]) == ("lantern", HOSPITAL.address)
    assert tally.told("name", "forget", "lantern") == (
        "lantern means nothing here until it is used again\n"
    )
    assert "no name that was used here" in tally.refused("name", "forget", "lantern", code=2)
    shown = tally.run("model", "show", "lantern")
    means = f"tally: lantern means {HOSPITAL.address}/lantern from now on (`tally name list`)\n"
    assert (shown.code, shown.err) == (0, means)
    assert tally.run("model", "show", "lantern").err == ""
    (tally.folder / "lantern" / "README.md").write_text("# Of the owner's own\n")
    said = tally.refused("publish", "lantern", code=2, signer=OWNER)
    assert f"or {OWNER.address}/lantern for a new one of your own (or give --new)" in said
    made = tally.run("publish", "lantern", "--new", signer=OWNER)
    assert f"model {OWNER.address}/lantern, new\n" in made.out
    assert f"lantern means {OWNER.address}/lantern from now on" in made.err
    whole = f"{HOSPITAL.address}/lantern"
    assert tally.told("name", "pin", whole) == f"lantern means {whole}\n"
    assert tally.json("model", "show", "lantern")["owner"] == HOSPITAL.address


def test_a_short_name_is_nothing_to_pin(tally: Tally) -> None:
    tally.json("model", "register", "lantern")
    assert "expected OWNER/NAME or a model's id" in tally.refused("name", "pin", "lantern", code=2)


def test_nothing_was_used_yet(tally: Tally) -> None:
    assert tally.told("name", "list") == "no name was used here yet; see `tally model list`\n"


def test_with_json_a_first_use_is_not_told(tally: Tally) -> None:
    tally.json("model", "register", "lantern", signer=HOSPITAL)
    tally.json("name", "forget", "lantern")
    done = tally.run("model", "show", "lantern", "--json")
    assert (done.code, done.err) == (0, "")
    assert tally.json("name", "list")[0]["owner"] == HOSPITAL.address


def test_a_parent_that_the_folder_does_not_name_is_told_in_hexadecimal(tally: Tally) -> None:
    folder = tally.model("lantern")
    tally.json("publish", folder)
    tally.json("fetch", "lantern:1", "--to", "got")
    said = tally.refused("publish", "got", "--name", "other", "--parent", "lantern:1", code=2)
    assert re.search(r"says parents none, expected 0x[0-9a-f]{64} as asked for; delete", said)
