"""The deployment plan, and its execution: one plan for `tally deploy` and for brownie.

The plan is data; an `Executor` creates one contract. What is done is written after each step, so
running it again finishes a deployment that was cut and changes nothing in a finished one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from registry.chain.answers import call_data
from registry.chain.artifacts import load_artifact
from registry.chain.contracts import constructor_arguments, creation_code
from registry.chain.deployment_parameters import Parameters, check_ranges, check_recorded
from registry.chain.deployment_plan import CIRCLE, PLAN, DeploymentStep
from registry.chain.deployments import Deployed, Deployment, deployment_path, load_deployment
from registry.chain.foreseen_addresses import Foreseen, without_broken_circle
from registry.chain.gateway import Gateway, RpcError
from registry.chain.local_chains import LOCAL_CHAINS
from registry.chain.receipts import find_receipt, is_known, looks
from registry.chain.transactions import Receipt, TransactionSender
from registry.errors import TransactionTimedOut, WrongChain
from registry.hashing import keccak256

__all__ = ["PLAN", "DeploymentStep", "Executor", "Parameters", "SenderExecutor", "deploy"]

_PATIENCE = 120.0  # seconds for a transaction that an earlier run sent


class Executor(ABC):
    """Creates contracts for one account."""

    @property
    @abstractmethod
    def deployer(self) -> str:
        """The account that pays."""

    @abstractmethod
    def create(
        self, contract: str, arguments: list[Any], sent: Callable[[str], None]
    ) -> tuple[str, int, str]:
        """Creates a contract; calls `sent` with the transaction's hash before it leaves.

        Returns:
            Address, block number, transaction hash.
        """

    def found(self, contract: str, arguments: list[Any]) -> None:  # noqa: B027
        """Takes note that an earlier run's creation was found on the chain."""


class SenderExecutor(Executor):
    """Creates contracts from the shipped bytecode."""

    def __init__(self, sender: TransactionSender) -> None:
        self._sender = sender

    @property
    def deployer(self) -> str:
        """The account that pays."""
        return self._sender.address

    def create(
        self, contract: str, arguments: list[Any], sent: Callable[[str], None]
    ) -> tuple[str, int, str]:
        """Creates a contract from the shipped bytecode.

        Raises:
            WrongChain: the receipt names no contract.
        """
        code = creation_code(load_artifact(contract), arguments)
        receipt: Receipt = self._sender.send(
            None,
            code,
            context=f"deploy {contract}",
            before_broadcast=lambda prepared: sent(prepared.transaction_hash),
        )
        if receipt.contract_address is None:
            raise WrongChain(f"deploy {contract}: the receipt names no contract address")
        return receipt.contract_address, receipt.block_number, receipt.transaction_hash

    def found(self, contract: str, arguments: list[Any]) -> None:
        """Drops the creation from the journal of what is on its way."""
        self._sender.forget(None, creation_code(load_artifact(contract), arguments))


def _started(folder: Path, gateway: Gateway) -> Deployment:
    """Loads what an earlier run left on this chain, or starts anew."""
    path = deployment_path(folder, gateway.chain_id)
    genesis = gateway.block(0)["hash"]
    fresh = Deployment(gateway.chain_id, genesis)
    if not path.exists():
        return fresh
    try:
        return load_deployment(path, gateway, complete=False)
    except WrongChain:
        if gateway.chain_id in LOCAL_CHAINS:  # local chains start over
            return fresh
        raise


def _mined(gateway: Gateway, transaction: str) -> tuple[str, int, str] | None:
    """Waits for a creation that an earlier run sent; None if the node doesn't have it (T-12)."""
    for _ in looks(_PATIENCE, 0.02):
        receipt = find_receipt(gateway, transaction)
        if receipt is not None:
            created = receipt.get("contractAddress")
            if int(receipt["status"], 16) != 1 or created is None:
                return None
            return created, int(receipt["blockNumber"], 16), transaction
        if not is_known(gateway, transaction):
            return None
    raise TransactionTimedOut(
        f"{transaction} is on its way since an earlier run and was not mined within "
        f"{_PATIENCE:.0f} s; run `tally deploy` again to go on waiting"
    )


def _sent_arguments(gateway: Gateway, contract: str, transaction: str) -> list[Any]:
    """Returns what an earlier run's creation was made with, as its transaction says.

    That run may have been asked for other values than this one.
    """
    found = gateway.request("eth_getTransactionByHash", [transaction])
    code = found.get("input") if isinstance(found, dict) else None
    sent = call_data(code, f"the input of {transaction} at {gateway.name}")
    return constructor_arguments(load_artifact(contract), sent)


def _check_opcodes(gateway: Gateway) -> None:
    """Returns if the chain runs the shipped bytecode, which has Shanghai's opcode PUSH0.

    Raises:
        WrongChain: it doesn't; each creation would fail there, without a word why.
    """
    pushed, empty = "0x60006000f3", "0x5f5ff3"  # both create a contract without code
    try:
        gateway.request("eth_call", [{"data": empty}, "latest"])
    except RpcError:
        try:
            gateway.request("eth_call", [{"data": pushed}, "latest"])
        except RpcError:  # this node calls no creations at all: the deployment will show
            return
        raise WrongChain(
            f"chain {gateway.chain_id} at {gateway.name} lacks the opcode PUSH0 (EIP-3855), which "
            "the contracts need; expected a chain of the Shanghai upgrade or later"
        ) from None


def deploy(
    gateway: Gateway,
    executor: Executor,
    folder: Path,
    parameters: Parameters | None = None,
    progress: Callable[[str, str], None] = lambda name, address: None,
) -> Deployment:
    """Carries the plan out, from where an earlier run was cut.

    Args:
        gateway: the chain.
        executor: who creates the contracts.
        folder: where `<chainId>.json` is written.
        parameters: what is asked for; where it is None, defaults or what stands on the chain.
        progress: called with each contract's name and address.

    Returns:
        The finished deployment.

    Raises:
        ConfigError: a contract was made with another parameter, or takes none such; nothing sent.
    """
    asked, path = parameters or Parameters(), deployment_path(folder, gateway.chain_id)
    deployment = _started(folder, gateway)
    for name, entry in deployment.contracts.items():
        check_recorded(asked, name, entry.constructor_arguments, path)
    if len(deployment.contracts) < len(PLAN):
        check_ranges(asked, local=gateway.chain_id in LOCAL_CHAINS)
        _check_opcodes(gateway)
    for step in PLAN:
        if step.contract in deployment.contracts:
            progress(step.contract, deployment.address(step.contract))
            continue
        if step.contract in CIRCLE:
            kept = without_broken_circle(gateway, deployment, executor.deployer)
            if kept is not deployment:
                kept.save(path)
                return deploy(gateway, executor, folder, parameters, progress)
        arguments, created = _created(gateway, executor, step, deployment, asked, path)
        deployment = deployment.with_contract(
            step.contract, _deployed(gateway, step.contract, arguments, created)
        )
        deployment.save(path)
        progress(step.contract, deployment.address(step.contract))
    return deployment


def _created(
    gateway: Gateway,
    executor: Executor,
    step: DeploymentStep,
    deployment: Deployment,
    asked: Parameters,
    path: Path,
) -> tuple[list[Any], tuple[str, int, str]]:
    """Finds the creation that an earlier run sent, or sends it; returns what it was made with."""
    foreseen = Foreseen(gateway, deployment, executor.deployer, step.contract)
    chosen = asked.filled(local=gateway.chain_id in LOCAL_CHAINS)
    arguments = step.arguments(chosen, executor.deployer, foreseen.address)
    pending = deployment.pending.get(step.contract)
    created = _mined(gateway, pending) if pending else None
    if created is not None:
        arguments = _sent_arguments(gateway, step.contract, created[2])
        check_recorded(asked, step.contract, arguments, path)
        executor.found(step.contract, arguments)
        return arguments, created

    def sent(transaction: str) -> None:
        deployment.with_pending(step.contract, transaction).save(path)

    return arguments, executor.create(step.contract, arguments, sent)


def _deployed(
    gateway: Gateway, name: str, arguments: list[Any], created: tuple[str, int, str]
) -> Deployed:
    address, block, transaction = created
    artifact = load_artifact(name)
    return Deployed(
        address=to_checksum_address(address),
        block=block,
        transaction=transaction,
        constructor_arguments=tuple(arguments),
        abi_hash=artifact.abi_hash,
        bytecode_hash=artifact.bytecode_hash,
        code_hash="0x" + keccak256(gateway.code(address)).hex(),
    )
