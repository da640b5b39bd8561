"""Short names mean what they meant at their first use (M-11, M-12).

given a name that was used
  when a stranger registers the same slug: it means what it meant
  when the model changes hands: it is refused until the user pins it anew
  when the file is damaged, or the model is gone: it is refused with what to do
given a name that several owners have
  when it is used for the first time: it is refused with their whole names
  when it is pinned: it means that one
given a slug of another owner
  when an account publishes under it: nothing is stored, unless it asked for a model of its own
given a slug of two models of one's own, of which a stranger handed one over
  when it is published under: it goes where the slug is pinned, and nowhere if it isn't
"""

from __future__ import annotations

import json
import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest
from chain_parties import ChainScenario
from tests_roles import HOSPITAL, OWNER, PUBLISHER, STRANGER

from registry.client import RegistryClient
from registry.errors import ConfigError
from registry.usecases.name_pins import NamePin, NamePins


def test_m11_a_stranger_s_registration_changes_nothing(place: ChainScenario, card: Path) -> None:
    owner, reader = place.client(OWNER), place.client()
    owner.publish(card, "lantern")
    meant = reader.model("lantern").model_id
    place.client(STRANGER).register("lantern")
    for client in (reader, place.client(), owner):
        assert client.model("lantern").model_id == meant
        assert [v.number for v in client.versions("lantern")] == [1]


def test_m11_the_first_use_is_told_once(place: ChainScenario) -> None:
    place.client(OWNER).register("lantern")
    told: list[str] = []
    for _ in range(2):
        reader = place.client()
        reader.names.tell = told.append
        reader.model("lantern")
        reader.model("lantern")
    assert told == [f"lantern means {OWNER.address}/lantern from now on (`tally name list`)"]


def test_m11_a_whole_name_settles_nothing(place: ChainScenario) -> None:
    for who in (OWNER, STRANGER):
        place.client(who).register("lantern")
    reader = place.client()
    for model in reader.models():
        assert reader.model(model.name).model_id == model.model_id
        assert reader.model("0x" + model.model_id.hex()).model_id == model.model_id
    assert reader.names.pins.all() == []
    with pytest.raises(ConfigError, match=f"say which of .*{STRANGER.address}/lantern"):
        reader.model("lantern")
    reader.names.settle(reader.model(f"{STRANGER.address}/lantern"))
    assert place.client().model("lantern").owner == STRANGER.address


def test_m11_a_model_that_changed_hands_has_to_be_pinned_anew(place: ChainScenario) -> None:
    owner, reader = place.client(OWNER), place.client()
    owner.register("lantern")
    reader.model("lantern")
    owner.transfer("lantern", HOSPITAL.address)
    place.client(HOSPITAL).accept("lantern")
    again = f"tally name pin {HOSPITAL.address}/lantern"
    for client in (reader, owner):
        with pytest.raises(ConfigError, match=again):
            client.model("lantern")
    assert place.client(HOSPITAL).model("lantern").owner == HOSPITAL.address
    reader.names.settle(reader.model(f"{HOSPITAL.address}/lantern"))
    assert reader.model("lantern").owner == HOSPITAL.address


def test_m11_a_forgotten_name_is_settled_anew(place: ChainScenario) -> None:
    place.client(OWNER).register("lantern")
    reader = place.client()
    reader.model("lantern")
    assert reader.names.pins.forget("lantern")
    assert not reader.names.pins.forget("lantern")
    place.client(STRANGER).register("lantern")
    with pytest.raises(ConfigError, match="say which of"):
        reader.model("lantern")


def test_m11_a_pin_of_a_model_that_is_not_there_is_refused(place: ChainScenario) -> None:
    reader = place.client()
    reader.names.pins.put(NamePin("lantern", b"\x07" * 32, OWNER.address, 5))
    place.client(STRANGER).register("lantern")
    with pytest.raises(ConfigError, match="tally name forget lantern"):
        reader.model("lantern")


def test_m11_a_chain_that_began_anew_starts_with_no_names(place: ChainScenario) -> None:
    reader = place.client()
    reader.names.pins.put(NamePin("lantern", b"\x07" * 32, OWNER.address, 5))
    folder, deployment = reader.connection.state_folder, reader.connection.deployment
    assert [pin.since for pin in NamePins(folder, deployment).all()] == [5]
    anew = replace(deployment, genesis="0x" + "cd" * 32)
    assert NamePins(folder, anew).all() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"format":"tallystick/names/2","names":{}}',
        '{"format":"tallystick/names/1","names":{"a":{"modelId":"0x07","owner":"0x","since":1}}}',
        '{"format":"tallystick/names/1","names":{"a":7}}',
    ],
)
def test_m11_a_damaged_file_is_refused_with_its_path(place: ChainScenario, text: str) -> None:
    place.client(OWNER).register("lantern")
    reader = place.client()
    reader.names.pins.path.parent.mkdir(parents=True)
    reader.names.pins.path.write_text(text)
    with pytest.raises(ConfigError, match=r"names/.*\.json: damaged"):
        reader.model("lantern")
    assert reader.names.pins.path.read_text() == text


def put_many(pins: NamePins, begin: str) -> None:
    for number in range(20):
        pins.put(NamePin(f"{begin}-{number}", bytes(32), OWNER.address, number))


def test_m11_processes_that_settle_names_at_once_lose_none(place: ChainScenario) -> None:
    pins = place.client().names.pins
    fork = multiprocessing.get_context("spawn")
    both = [fork.Process(target=put_many, args=(pins, begin)) for begin in "ab"]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert len(pins.all()) == 40
    assert json.loads(pins.path.read_text())["names"]["b-7"]["since"] == 7


def test_m11_aliases_of_owners_are_taken_where_somebody_resolves_them(place: ChainScenario) -> None:
    class Book:
        def address_of(self, alias: str) -> str | None:
            return OWNER.address if alias == "hospital.example" else None

    place.client(OWNER).register("lantern")
    reader = place.client()
    with pytest.raises(ConfigError, match=r"got the owner 'hospital\.example'"):
        reader.model("hospital.example/lantern")
    reader.names.aliases = Book()
    assert reader.model("hospital.example/lantern").owner == OWNER.address
    with pytest.raises(ConfigError, match="got the owner 'clinic'"):
        reader.model("clinic/lantern")


def versions(client: RegistryClient, name: str) -> int:
    return len(client.versions(name))


def test_m12_a_name_of_another_s_makes_no_model_by_mistake(
    place: ChainScenario, card: Path
) -> None:
    place.client(OWNER).register("lantern")
    hospital = place.client(HOSPITAL)
    whole = f"{HOSPITAL.address}/lantern"
    with pytest.raises(ConfigError, match=f"say {OWNER.address}/lantern, or {whole} for a new one"):
        hospital.publish(card, "lantern")
    assert [m.owner for m in hospital.models()] == [OWNER.address]
    hospital.publish(card, "lantern", new=True)
    assert hospital.model("lantern").owner == HOSPITAL.address
    (card / "README.md").write_text("# Another\n")
    hospital.publish(card, "lantern")
    assert versions(hospital, whole) == 2


def test_m12_a_whole_name_of_the_own_makes_it_and_leaves_the_short_one(
    place: ChainScenario, card: Path
) -> None:
    place.client(OWNER).register("lantern")
    hospital = place.client(HOSPITAL)
    assert hospital.model("lantern").owner == OWNER.address
    hospital.publish(card, f"{HOSPITAL.address}/lantern")
    assert hospital.model("lantern").owner == OWNER.address
    with pytest.raises(ConfigError, match=f"or {HOSPITAL.address}/lantern for your own"):
        hospital.publish(card, "lantern")


def test_m12_a_name_that_nobody_has_is_made(place: ChainScenario, card: Path) -> None:
    client = place.client(PUBLISHER)
    client.publish(card, "lantern")
    client.publish(card, "lantern", new=True)
    assert versions(client, "lantern") == 1


def test_m12_a_whole_name_of_another_s_takes_its_owner_s_leave(
    place: ChainScenario, card: Path
) -> None:
    owner, publisher = place.client(OWNER), place.client(PUBLISHER)
    owner.register("lantern")
    whole = f"{OWNER.address}/lantern"
    with pytest.raises(ConfigError, match=f"{PUBLISHER.address} may not publish {whole}: ask its"):
        publisher.publish(card, whole)
    assert not any(path.is_file() for path in (Path(place.storage) / "blocks").rglob("*"))
    owner.add_publisher("lantern", PUBLISHER.address)
    publisher.publish(card, whole)
    assert versions(owner, whole) == 1


def test_m12_nobody_registers_in_another_s_name(place: ChainScenario) -> None:
    with pytest.raises(ConfigError, match=f"expected a name of {HOSPITAL.address}'s own"):
        place.client(HOSPITAL).register(f"{OWNER.address}/lantern")


def test_m11_two_models_of_one_owner_and_slug_are_told_apart_by_id(place: ChainScenario) -> None:
    owner, hospital = place.client(OWNER), place.client(HOSPITAL)
    own = hospital.register("lantern")
    taken = owner.register("lantern")
    owner.transfer("lantern", HOSPITAL.address)
    hospital.accept("0x" + taken.model_id.hex())
    with pytest.raises(
        ConfigError, match=f"owns 2 models named 'lantern': say .*{taken.model_id.hex()}"
    ):
        place.client().model(f"{HOSPITAL.address}/lantern")
    assert hospital.model("lantern").model_id == own.model_id
    assert place.client().model("0x" + taken.model_id.hex()).owner == HOSPITAL.address


def test_m12_who_took_over_a_model_registers_no_second_of_its_name(place: ChainScenario) -> None:
    owner, hospital = place.client(OWNER), place.client(HOSPITAL)
    owner.register("lantern")
    owner.transfer("lantern", HOSPITAL.address)
    hospital.accept("lantern")
    with pytest.raises(ConfigError, match="took over a model named lantern already"):
        hospital.register("lantern")


@pytest.mark.parametrize("pinned", [False, True])
def test_m12_a_slug_of_two_models_of_one_s_own_sends_nothing_into_the_wrong_one(
    place: ChainScenario, card: Path, pinned: bool
) -> None:
    victim, stranger = place.client(OWNER), place.client(STRANGER)
    prepared = stranger.register("lantern")  # older than the victim's, and the stranger's to shape
    own = victim.register(f"{OWNER.address}/lantern")
    stranger.add_publisher(f"{STRANGER.address}/lantern", PUBLISHER.address)
    stranger.transfer(f"{STRANGER.address}/lantern", OWNER.address)
    victim.accept("0x" + prepared.model_id.hex())
    victim.names.pins.forget("lantern")
    if pinned:
        victim.names.settle(victim.model("0x" + own.model_id.hex()))
        assert victim.publish(card, "lantern").model_id == own.model_id
        return
    for new in (False, True):
        with pytest.raises(ConfigError, match=f"say 0x{prepared.model_id.hex()} or 0x"):
            victim.publish(card, "lantern", new=new)
    assert victim.versions("0x" + prepared.model_id.hex()) == []
