"""Runs `tally` as its script does, in this process."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests_roles import OWNER

from registry.cli.app import main
from registry.signing import LocalSigner

__all__ = ["Outcome", "Tally"]


def _settles(line: str) -> bool:
    """Says whether a line only tells what a name means that is used for the first time."""
    return bool(re.fullmatch(r"tally: (\S+) means 0x\w{40}/\1 from now on .*\n", line))


@dataclass(frozen=True)
class Outcome:
    """What a command ended with."""

    code: int
    out: str
    err: str


@dataclass
class Tally:
    """The command line in a folder of its own; it signs as `signer`, or as nobody."""

    folder: Path
    patch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]
    signer: LocalSigner | None = OWNER

    def run(self, *words: str, signer: LocalSigner | None = None) -> Outcome:
        """Runs a command to its exit."""
        who = signer or self.signer
        with self.patch.context() as patch:
            patch.setattr(sys, "argv", ["tally", *words])
            if who is not None:
                patch.setenv("TALLY_KEY", "0x" + who.private_key().hex())
            code = 0
            try:
                main()
            except SystemExit as ended:
                code = int(ended.code or 0)
        said = self.captured.readouterr()
        assert "Traceback" not in said.err
        assert who is None or who.private_key().hex() not in said.out + said.err
        return Outcome(code, said.out, said.err)

    def json(self, *words: str, signer: LocalSigner | None = None) -> Any:
        """Returns what a command that has to succeed prints with --json."""
        done = self.run(*words, "--json", signer=signer)
        assert done.code == 0, done.err
        return json.loads(done.out)

    def told(self, *words: str, signer: LocalSigner | None = None) -> str:
        """Returns what a command that has to succeed tells people."""
        done = self.run(*words, signer=signer)
        assert done.code == 0, done.err
        return done.out

    def refused(self, *words: str, code: int, signer: LocalSigner | None = None) -> str:
        """Returns the one line that a command which has to fail says."""
        done = self.run(*words, signer=signer)
        assert (done.code, done.out) == (code, ""), done.err
        (said,) = [line for line in done.err.splitlines(keepends=True) if not _settles(line)]
        return said

    def model(self, name: str, text: str = "first") -> str:
        """Writes a model folder; returns its path."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "README.md").write_text(f"# {name}, {text}\n")
        return name
