"""Journey: one command conducts rounds and runs the participants, as processes or on Ray."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from running_commands import NUDGING, end, start
from tests_roles import OWNER

from registry.audit import audit
from registry.signing import LocalSigner
from trainer.adapters.replay import Replay

CREW = [LocalSigner.from_key(bytes(31) + bytes([number])) for number in range(71, 78)]


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model, and seven keys and shards of one party."""
    made = ChainFederation(place, OWNER, seats=2)
    made.publish_first()
    place.fund(*CREW, ether=10)
    (place.work / "nudging.py").write_text(NUDGING.replace("SHAPES", "torch.nn.Linear(4, 3)"))
    shards = place.work / "shards"
    shards.mkdir()
    for index in range(len(CREW)):
        (shards / f"{index}.txt").write_text(str(0.25 + index / 64))
    keys = place.work / "keys"
    keys.touch(mode=0o600)
    keys.write_text("\n".join("0x" + signer.private_key().hex() for signer in CREW))
    return made


def crew_words(work: Path) -> list[str]:
    """The options that an engine needs."""
    return ["--client", "nudging:Nudge", "--shards", str(work / "shards"), "--keys", "keys"]


def told_by(f: ChainFederation, *words: str) -> tuple[int, str, str]:
    """Runs `tally train coordinate` to its end."""
    rest = ["--phase-seconds", "120", "--challenge-seconds", "1", "--num-rounds", "1"]
    process = start(f.place, OWNER, "train", "coordinate", MODEL, *rest, *words)
    try:
        lines, errors = process.communicate(timeout=150)
    finally:
        end(process)
    return process.returncode, lines, errors


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_fedyogi_with_bulyan_on_an_engine(federation: ChainFederation, engine: str) -> None:
    rules = ["--strategy", "fedyogi", "--aggregator", "bulyan:byzantine=1"]
    seats = ["--min-available-clients", "7", "--min-fit-clients", "7", "--engine", engine]
    words = [*rules, *seats, *crew_words(federation.place.work)]
    code, lines, errors = told_by(federation, *words)
    assert code == 0, errors
    told = json.loads(lines.splitlines()[-1])
    assert told["version"] == 2
    assert len(told["excluded"]) == 2
    assert set(told["excluded"].values()) == {"not picked by Krum"}
    report = audit(federation.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


@pytest.mark.slow
def test_a_shard_that_fails_and_one_that_diverges_end_no_round_on_ray(
    federation: ChainFederation,
) -> None:
    shards = federation.place.work / "shards"
    (shards / "5.txt").write_text("no number")
    (shards / "6.txt").write_text("nan")
    seats = ["--min-available-clients", "7", "--min-fit-clients", "3", "--engine", "ray"]
    # Commitments are waited for to the end of their phase: two never come.
    phase = ["--phase-seconds", "40"]
    code, lines, errors = told_by(federation, *seats, *phase, *crew_words(federation.place.work))
    assert code == 0, errors
    told = json.loads(lines.splitlines()[-1])
    assert told["version"] == 2
    assert set(told["shares"]) == {signer.address for signer in CREW[:5]}
    assert told["refused"] == {}
    report = audit(federation.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def test_keys_that_others_can_read_are_refused(federation: ChainFederation) -> None:
    (federation.place.work / "keys").chmod(0o644)
    words = ["--engine", "local", *crew_words(federation.place.work)]
    code, _, errors = told_by(federation, *words)
    assert code == 2
    assert "others can read it; chmod 600 it first" in errors
    assert CREW[0].private_key().hex() not in errors
