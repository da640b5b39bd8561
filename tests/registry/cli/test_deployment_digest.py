"""`tally audit --deployment-digest` audits the deployment that the user knows, or none."""

from __future__ import annotations

from hashlib import sha256

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario


def digest_of(world: DeployedScenario) -> str:
    """The SHA-256 of the session's deployment file, in hex."""
    return sha256((world.deployments / "31337.json").read_bytes()).hexdigest()


@pytest.mark.parametrize("form", ["{}", "0x{}"])
def test_the_file_of_that_digest_is_audited(
    tally: Tally, world: DeployedScenario, form: str
) -> None:
    words = ["audit", "--deployment-digest", form.format(digest_of(world))]
    assert tally.json(*words)["findings"] == []


def test_another_file_is_refused_before_it_is_read(tally: Tally, world: DeployedScenario) -> None:
    folder = tally.folder / "other"
    folder.mkdir()
    whole = (world.deployments / "31337.json").read_bytes()
    for text in (whole.replace(b'"pending"', b' "pending"'), b"nothing"):
        (folder / "31337.json").write_bytes(text)
        words = ["audit", "--deployments", "other", "--deployment-digest", digest_of(world)]
        said = tally.refused(*words, code=2)
        assert f"expected the SHA-256 digest {digest_of(world)}" in said
        assert f"got {sha256(text).hexdigest()}" in said


@pytest.mark.parametrize("text", ["ab", "0x" + "g" * 64, "ab" * 33])
def test_what_is_no_digest_is_refused_before_a_node_is_asked(tally: Tally, text: str) -> None:
    words = ["audit", "--rpc", "http://127.0.0.1:9", "--deployment-digest", text]
    assert "--deployment-digest: expected a SHA-256 digest" in tally.refused(*words, code=2)


def test_deploy_tells_the_digest_of_what_it_wrote(tally: Tally, world: DeployedScenario) -> None:
    told = tally.json("deploy")  # finished already: nothing is sent
    assert told["sha256"] == digest_of(world)
    assert tally.told("deploy").splitlines()[-1] == f"SHA-256 {digest_of(world)}"
