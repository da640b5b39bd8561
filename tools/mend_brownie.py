"""Mends the brownie wheel: its Python sources are used, and no mined transaction is called dropped.

The compiled modules of eth-brownie 1.22.2 break on `networks: default:` and on deployments to live
networks; the same sources, interpreted, do not. And Anvil shows the nonce of a mined transaction a
moment before its receipt, which brownie takes for a dropped one: it waits ten seconds here.
Brownie looks for compilers in the home folder: in this environment, beside Python.
"""

import sysconfig
from pathlib import Path

site = Path(sysconfig.get_paths()["platlib"])
for compiled in [*site.glob("brownie/**/*.so"), *site.glob("eth_brownie__mypyc*.so")]:
    compiled.unlink()

receipts = site / "brownie" / "network" / "transaction.py"
at_once = "            if sender_nonce > self.nonce:\n"
in_time = "            if sender_nonce > self.nonce and time.time() - nonce_time > 10:\n"
source = receipts.read_text()
if in_time not in source:
    if source.count(at_once) != 1:
        raise SystemExit(f"{receipts}: another brownie than the one that this mends")
    receipts.write_text(source.replace(at_once, in_time))

# Read by every Python of this environment when it starts; what the user has set stays.
(site / "tallystick-compilers.pth").write_text(
    "import os, sys; "
    'os.environ.setdefault("SOLCX_BINARY_PATH", os.path.join(sys.prefix, "solcx"))\n'
)
