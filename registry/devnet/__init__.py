"""A local network for development and tests: Anvil or Ganache, and a storage node, on loopback.

`tally up`, `tally demo` and the tests start their nodes here, each on a port that the system
chooses, and end only what they started.

`network` starts both, `chains` the chain, `processes` is what they are started with and how one
tells that they answer.
"""

from registry.devnet.chains import ChainProcess, find_command, start_anvil, start_ganache
from registry.devnet.network import DEV_KEYS, Network, fund, start_network

__all__ = [
    "DEV_KEYS",
    "ChainProcess",
    "Network",
    "find_command",
    "fund",
    "start_anvil",
    "start_ganache",
    "start_network",
]
