"""`tally train coordinate` refuses what doesn't go together before it asks any chain.

given options of which one needs, or rules out, another
  it says which and why, in one sentence, with exit code 2
  it says so where no chain answers
given options that go together
  it asks the chain, which doesn't answer here
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cli.app import tally
from registry.errors import ConfigError

NOBODY = "http://127.0.0.1:1"


def refusal(folder: Path, *words: str) -> BaseException | None:
    """Returns what `coordinate` ends with where no chain answers."""
    (folder / "keys").touch(mode=0o600)
    (folder / "addresses").write_text("0x" + "11" * 20 + "\n")
    command = ["train", "coordinate", "lantern", "--rpc", NOBODY, *words]
    found = CliRunner().invoke(tally, [word.replace("HERE", str(folder)) for word in command])
    assert found.output == ""
    return found.exception


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--engine ray", "expected --client, --shards and --keys with it"),
        ("--keys HERE/keys", "--keys: is for participants that run here; add --engine"),
        ("--client a:B", "--client: is for participants that run here; add --engine"),
        ("--aggregator bulyan", "could come to 2, and the rule needs at least 7"),
        ("--strategy fednova --aggregator krum", "krum isn't a weighted mean"),
        ("--strategy scaffold:participants=9", "give the plan a number of steps"),
        ("--strategy fedprox", "use fedavg, and --proximal 0.01"),
        ("--strategy gossip:graph=ring", "every peer runs tally train gossip"),
        ("--transform noise:deviation=1", "noise hides nobody whose update may be of any length"),
        ("--transform top_k:fraction=2", "top_k: fraction: expected 1e-09 to 1, got 2"),
        ("--transform top_k=2", "transforms: expected one of"),
        ("--transform clip:norm", "--transform: expected NAME:key=value,key=value"),
        ("--strategy fedyogi --stake 5", "name their panel with --panel"),
        ("--strategy fednova --stake 5", "isn't for rounds under stake"),
        ("--aggregator median --stake 5", "under stake expected mean, got median"),
        (
            "--rule median --stake 5 --transform top_k:fraction=0.1",
            "median with top_k: where most updates have a zero",
        ),
        ("--rule median", "--rule: is for rounds under stake; add --stake AMOUNT"),
        ("--bond 5", "--bond: is for rounds under stake; add --stake AMOUNT"),
        ("--stake 5 --trim 1", "--trim: expected 1 or more with trimmed_mean alone"),
        (
            "--stake 5 --dispute-seconds 9",
            "--dispute-seconds: expected at least 480, as --answer-seconds is 60, got 9",
        ),
        ("--stake 5 --mailbox HERE", "batches aren't for rounds under stake"),
        (
            "--stake 5 --engine local --client a:B --shards HERE --keys HERE/keys",
            "--engine: runs no rounds under stake",
        ),
        ("--screening 5", "validation set"),
        ("--over-selection 0.5", "--over-selection: expected at least 1, got 1/2"),
        ("--over-selection few", "--over-selection: expected a number such as 1.3, got 'few'"),
        ("--fraction-fit 0.5", "--fraction-fit: a part of whom?"),
        ("--require mains", "--require: of what? Give --declarations FILE"),
        ("--require power", "--require: expected memory_mib=N"),
        ("--min-fit-clients 3", "--min-available-clients: expected at least 3, as many as a round"),
    ],
)
def test_what_does_not_go_together_is_refused_before_a_chain_is_asked(
    tmp_path: Path, words: str, said: str
) -> None:
    found = refusal(tmp_path, *words.split())
    assert isinstance(found, ConfigError)
    assert found.exit_code == 2
    assert said in str(found)


@pytest.mark.parametrize(
    "words",
    [
        "--strategy fedyogi --aggregator median",
        "--fraction-fit 0.5 --participants HERE/addresses",
        "--stake 5 --rule trimmed_mean --trim 1",
        "--stake 5 --rule median --strategy diloco:momentum=0.8",
        "--stake 5 --strategy fedadam --panel 0x" + "11" * 32,
        "--engine local --client a:B --shards HERE --keys HERE/keys",
    ],
)
def test_what_goes_together_is_for_the_chain_to_answer(tmp_path: Path, words: str) -> None:
    found = refusal(tmp_path, *words.split())
    assert not isinstance(found, ConfigError)
    assert NOBODY in str(found)
