"""Chain ids that development chains use by default: Ganache's two, and Anvil's."""

__all__ = ["LOCAL_CHAINS"]

LOCAL_CHAINS = frozenset((1337, 5777, 31337))
