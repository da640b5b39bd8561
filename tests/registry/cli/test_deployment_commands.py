"""`tally deployment`: the file is handed over, and taken by its digest alone (T-4).

given a finished deployment
  when it is exported and imported elsewhere with its digest: the other one works with it
  when the digest is another, the file is changed or of another chain: nothing is written
  when another file is there: it stays, unless it is replaced by force
"""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario

from registry.devnet.chains import start_anvil
from registry.hashing import sha256


@pytest.fixture
def handed(tally: Tally) -> tuple[Path, str]:
    """The exported file, and its digest as it was told."""
    told = tally.json("deployment", "export", "handed.json")
    return tally.folder / "handed.json", str(told["sha256"])


def test_who_takes_it_over_works_with_it(
    tally: Tally, handed: tuple[Path, str], world: DeployedScenario
) -> None:
    file, digest = handed
    assert digest == sha256(file.read_bytes()).hex()
    elsewhere = ["--deployments", "elsewhere"]
    assert "no deployment at" in tally.refused("model", "list", *elsewhere, code=2)
    taken = tally.json("deployment", "import", str(file), "--digest", digest, *elsewhere)
    assert Path(taken["file"]) == Path("elsewhere") / f"{world.gateway.chain_id}.json"
    assert tally.json("model", "list", *elsewhere) == []
    again = tally.told("deployment", "import", str(file), "--digest", "0x" + digest, *elsewhere)
    assert again.endswith(f"SHA-256 {digest}\n")
    shown = tally.json("deployment", "show", *elsewhere)
    registry = world.deployment.address("ModelRegistry")
    assert (shown["sha256"], shown["contracts"]["ModelRegistry"]) == (digest, registry)
    assert f"ModelRegistry      {registry}" in tally.told("deployment", "show")


def test_a_file_that_is_not_the_digest_s_is_not_taken(
    tally: Tally, handed: tuple[Path, str]
) -> None:
    file, digest = handed
    elsewhere = ["--deployments", "elsewhere"]
    for words in (["--digest", "ab" * 32], ["--digest", "ab"]):
        said = tally.refused("deployment", "import", str(file), *words, *elsewhere, code=2)
        assert "SHA-256 digest" in said
    file.write_text(file.read_text().replace("0x", "0X", 1))
    tally.refused("deployment", "import", str(file), "--digest", digest, *elsewhere, code=2)
    gone = ["deployment", "import", "nowhere.json", "--digest", digest, *elsewhere]
    assert "file at nowhere.json; check the path" in tally.refused(*gone, code=2)
    assert not (tally.folder / "elsewhere").exists()


def test_a_file_of_another_chain_is_not_taken(tally: Tally, handed: tuple[Path, str]) -> None:
    file, digest = handed
    with start_anvil(0, 31337, 1) as other:
        told = tally.refused(
            *("deployment", "import", str(file), "--digest", digest),
            *("--deployments", "elsewhere", "--rpc", other.url),
            code=3,
        )
    assert "a restarted local chain is a new one" in told
    assert not (tally.folder / "elsewhere").exists()


def test_what_is_there_stays_unless_it_is_replaced(
    tally: Tally, handed: tuple[Path, str], world: DeployedScenario
) -> None:
    file, digest = handed
    place = tally.folder / "elsewhere" / f"{world.gateway.chain_id}.json"
    place.parent.mkdir()
    place.write_text("{}")
    words = ["deployment", "import", str(file), "--digest", digest, "--deployments", "elsewhere"]
    assert "is there and another file" in tally.refused(*words, code=2)
    assert place.read_text() == "{}"
    tally.told(*words, "--force")
    assert place.read_bytes() == file.read_bytes()
    (tally.folder / "precious.json").write_text("{}")
    assert "is there and another file" in tally.refused(
        "deployment", "export", "precious.json", code=2
    )
    assert (tally.folder / "precious.json").read_text() == "{}"


def test_it_is_exported_to_a_folder_by_its_chain_s_number(
    tally: Tally, handed: tuple[Path, str], world: DeployedScenario
) -> None:
    (tally.folder / "folder").mkdir()
    told = tally.json("deployment", "export", "folder")
    place = Path("folder") / f"{world.gateway.chain_id}.json"
    assert (Path(told["file"]), told["sha256"]) == (place, handed[1])
    assert (tally.folder / place).read_bytes() == handed[0].read_bytes()
