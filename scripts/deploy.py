"""`brownie run deploy --network NAME`: carries out the same plan as `tally deploy`.

On a development network the first account deploys; elsewhere the account whose brownie id stands
in TALLY_BROWNIE_ACCOUNT. The deployments folder is `deployments`, or TALLY_DEPLOYMENTS.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from brownie import accounts, network, web3

from registry.chain.artifacts import load_artifact
from registry.chain.contracts import creation_code
from registry.chain.deploy import Executor, deploy
from registry.chain.gateway import connect


class BrownieExecutor(Executor):
    """Creates contracts from the shipped bytecode with a brownie account."""

    def __init__(self, account: Any) -> None:
        self._account = account

    @property
    def deployer(self) -> str:
        """The account that pays."""
        return str(self._account.address)

    def create(
        self, contract: str, arguments: list[Any], sent: Callable[[str], None]
    ) -> tuple[str, int, str]:
        """Sends the creation code and waits for its receipt."""
        code = "0x" + creation_code(load_artifact(contract), arguments).hex()
        transaction = self._account.transfer(data=code, required_confs=0, silent=True)
        sent(transaction.txid)
        transaction.wait(1)
        return str(transaction.contract_address), transaction.block_number, transaction.txid


def _account() -> Any:
    name = os.environ.get("TALLY_BROWNIE_ACCOUNT")
    if name:
        return accounts.load(name)
    return accounts[0]


def main() -> None:
    """Deploys what isn't deployed yet."""
    folder = Path(os.environ.get("TALLY_DEPLOYMENTS", "deployments"))
    gateway = connect(str(web3.provider.endpoint_uri))
    print(f"{network.show_active()}: chain {gateway.chain_id}")
    deploy(
        gateway,
        BrownieExecutor(_account()),
        folder,
        progress=lambda name, address: print(f"{name:<18} {address}"),
    )
