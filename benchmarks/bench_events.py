"""Decoding the contracts' logs, beside web3.py's `process_log` on the same logs.

Run from the repository's root: `python benchmarks/bench_events.py [--logs 5000]`. The logs are
real: an Anvil started here runs registrations, versions, channels, grants, a round and payouts, and
answers `eth_getLogs`. Both sides decode the same logs, each from the form it is given by its own
reader; what they make of them is compared first. Every line is the best of three.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from web3 import Web3

from registry.chain.artifacts import load_artifact
from registry.chain.contracts import Contract
from registry.chain.deploy import SenderExecutor, deploy
from registry.chain.deployments import Deployment
from registry.chain.event_layout import decode_log
from registry.chain.gateway import Gateway, connect
from registry.chain.transactions import TransactionSender
from registry.devnet import DEV_KEYS, start_anvil
from registry.index.catalogue import channel_key
from registry.signing import LocalSigner

_RUNS = 3
_TARGET = 12.0
