"""An account's stake in the vault: deposits, controllers, exits and awards (F-5, F-6).

Amounts are in the token's smallest unit. Where no token is named, it is the deployment's own.
"""

from __future__ import annotations

from functools import partial

from registry.chain.bindings.stake_vault import StakeVault
from registry.chain.token import approve
from registry.chain.transactions import Intent
from registry.errors import ConfigError, KeyNeeded
from registry.index import Lock, StakeIndex, StakeRecord
from registry.usecases.connection import Connection

__all__ = ["Stakes"]


class Stakes:
    """The steps of a stake, sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _vault(self) -> StakeVault:
        return self._connection.chain.stake_vault

    def _book(self) -> StakeIndex:
        return self._connection.state().stakes

    def token(self, token: str | None = None) -> str:
        """Returns the token's address: the one given, or RewardToken's."""
        return token or self._connection.deployment.address("RewardToken")

    def of(self, account: str | None = None, token: str | None = None) -> StakeRecord:
        """Returns an account's stake of a token, this account's without one."""
        return self._book().of(account or self._connection.account, self.token(token))

    def all_of(self, account: str | None = None) -> dict[str, StakeRecord]:
        """Returns an account's stakes by token."""
        whom = account or self._connection.account
        found = {token: r for (who, token), r in self._book().stakes.items() if who == whom}
        return dict(sorted(found.items()))

    def locks(self, account: str | None = None) -> dict[Lock, int]:
        """Returns what controllers hold locked of an account, by lock."""
        whom = account or self._connection.account
        return {lock: n for lock, n in self._book().locks.items() if lock.account == whom}

    def controllers(self, account: str | None = None) -> frozenset[str]:
        """Returns whom an account lets lock its free stake."""
        return self._book().controllers.get(account or self._connection.account, frozenset())

    def offered_controllers(self) -> dict[str, str]:
        """Returns the deployment's own controllers, addresses by contract name.

        StakedRounds locks the stakes of participants, holders and proposers, Questions the bonds
        of askers, Evaluations those of appellants. The vault takes no other: a stranger's contract
        could lock all that is free, and take it.
        """
        names = ("StakedRounds", "Questions", "Evaluations")
        return {name: self._connection.deployment.address(name) for name in names}

    def deposit(self, amount: int, token: str | None = None, account: str | None = None) -> None:
        """Adds to free stake; the vault is allowed to take exactly that amount.

        Args:
            amount: above 0.
            token: what to deposit.
            account: whose stake it becomes; this account's without one.

        Raises:
            ConfigError: nothing to deposit.
            Reverted: the deployment doesn't allow the token, or the account hasn't that much.
            KeyNeeded: no key was given.
        """
        if amount <= 0:
            raise ConfigError(f"expected an amount above 0, got {amount}")
        if self._connection.sender is None:
            raise KeyNeeded
        chosen, vault = self.token(token), self._vault
        approved = partial(
            approve,
            self._connection.gateway,
            self._connection.sender,
            chosen,
            vault.address,
            amount,
        )
        whom = account or self._connection.account
        vault.deposit_for(whom, chosen, amount).send(intent=Intent(first=approved))

    def set_controller(self, controller: str, allowed: bool = True) -> bool:
        """Names or dismisses a controller; returns whether anything had to change.

        What it locked before stays locked until it lets go.
        """
        if (controller in self.controllers()) == allowed:
            return False
        self._vault.set_controller(controller, allowed).send()
        return True

    def request_exit(self, amount: int, token: str | None = None) -> StakeRecord:
        """Sends free stake on its way out; with an exit under way, the delay begins anew.

        Raises:
            Reverted: no more than what is free can leave.
        """
        self._vault.request_exit(self.token(token), amount).send()
        return self.of(token=token)

    def cancel_exit(self, token: str | None = None) -> int:
        """Makes an exit free stake again; returns its amount, 0 if none was under way."""
        amount = self.of(token=token).exiting
        if amount:
            self._vault.cancel_exit(self.token(token)).send()
        return amount

    def withdraw(self, token: str | None = None) -> int:
        """Pays an exit out; returns its amount, 0 if none was under way.

        Raises:
            Reverted: `StillUnbonding`, before its time.
        """
        amount = self.of(token=token).exiting
        if amount:
            self._vault.withdraw(self.token(token)).send()
        return amount

    def collect(self, account: str | None = None, token: str | None = None) -> int:
        """Pays an account what slashes awarded it, whoever sends; returns the amount."""
        whom = account or self._connection.account
        amount = self.of(whom, token).awarded
        if amount:
            self._vault.collect(whom, self.token(token)).send()
        return amount
