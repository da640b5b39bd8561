"""An example of each command, shown at the end of its help: one table, and what puts it there."""

from __future__ import annotations

from collections.abc import Mapping

import click

__all__ = ["EXAMPLES", "add_examples"]

_HOSPITAL = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"

EXAMPLES: dict[str, tuple[str, ...]] = {
    "access grant": (f"lantern {_HOSPITAL} --days 30",),
    "access history": ("lantern",),
    "access list": ("lantern",),
    "access revoke": (f"lantern {_HOSPITAL}",),
    "account fund": (f"{_HOSPITAL} --ether 5",),
    "account list": ("",),
    "account new": ("",),
    "account show": ("", "--keystore ~/keys/ann"),
    "audit": ("", "lantern --second-rpc https://node.example"),
    "channel history": ("lantern production",),
    "channel rollback": ("lantern production",),
    "channel set": ("lantern production 3",),
    "completion": ("bash",),
    "config get": ("rpc",),
    "config list": ("",),
    "config path": ("",),
    "config set": ("rpc https://node.example", "keystore ~/keys/ann"),
    "config unset": ("rpc",),
    "deploy": ("", "--profile l2 --governor " + _HOSPITAL),
    "dispute appeal": ("lantern 2",),
    "dispute attest": ("ann.json bob.json",),
    "dispute enforce": ("lantern 2",),
    "dispute list": ("lantern 2",),
    "dispute panel": (f"{_HOSPITAL} --threshold 1",),
    "dispute rule": ("lantern 2 right",),
    "dispute settle": ("lantern 2",),
    "dispute show": ("lantern",),
    "dispute void": ("lantern 2",),
    "doctor": ("",),
    "fetch": ("lantern@production --to ./lantern",),
    "lineage": ("lantern:3",),
    "log": ("lantern",),
    "model accept": ("lantern",),
    "model list": ("", "--wide"),
    "model publisher": (f"lantern {_HOSPITAL}", "lantern StakedRounds"),
    "model register": ("lantern --private",),
    "model show": ("lantern",),
    "model transfer": (f"lantern {_HOSPITAL}",),
    "name forget": ("lantern",),
    "name list": ("",),
    "name pin": (f"{_HOSPITAL}/lantern",),
    "publish": ("./lantern --licence Apache-2.0 --channel production",),
    "reward announce-sweep": ("lantern",),
    "reward balance": (f"--account {_HOSPITAL}",),
    "reward cancel-root": ("lantern",),
    "reward claim": ("lantern",),
    "reward collect": ("",),
    "reward fund": ("lantern 2 1000000",),
    "reward pay": ("lantern 2",),
    "reward refund": ("lantern 2",),
    "reward show": ("lantern",),
    "reward sweep": ("lantern",),
    "round finalise": ("lantern 2",),
    "round forfeit": ("lantern 2",),
    "round list": ("lantern",),
    "round show": ("lantern", "lantern 2"),
    "round strike": ("lantern 2",),
    "round void": ("lantern 2",),
    "stake cancel-exit": ("",),
    "stake collect": ("",),
    "stake controllers": ("--add StakedRounds --add Questions",),
    "stake deposit": ("1000000",),
    "stake exit": ("1000000",),
    "stake hold": ("lantern 2",),
    "stake release": ("lantern 2",),
    "stake show": ("",),
    "stake withdraw": ("",),
    "store prune": ("--keep-rounds 3 --dry-run",),
    "token approve": ("StakeVault 1000000",),
    "token balance": ("",),
    "token send": (f"{_HOSPITAL} 1000000",),
    "up": ("", "--port 8545 --ipfs kubo"),
    "verify": ("./lantern --name lantern@production",),
    "version deprecate": ('lantern:2 --reason "trained on the wrong split"',),
    "version list": ("lantern",),
    "version restore": ("lantern:2",),
    "version yank": ('lantern:2 --reason "leaks training data"',),
}
"""What follows a command's words in its examples, by these words."""


def add_examples(
    command: click.Command, words: str, table: Mapping[str, tuple[str, ...]] = EXAMPLES
) -> None:
    """Puts a command's examples at the end of its help, and those of the commands below it.

    Args:
        command: a group is walked as far as it is imported.
        words: what calls the command, without `tally`.
        table: of the package that has the command.
    """
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            add_examples(inner, f"{words} {name}", table)
    lines = [f"  tally {words} {rest}".rstrip() for rest in table.get(words, ())]
    if lines and command.epilog is None:
        # \b keeps click from making one paragraph of the lines.
        command.epilog = "\n".join(["\b", "Examples:" if lines[1:] else "Example:", *lines])
