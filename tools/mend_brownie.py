"""Deletes the compiled modules of the brownie wheel, so that its Python sources are used.

The compiled modules of eth-brownie 1.22.2 break on `networks: default:` and on deployments to live
networks; the same sources, interpreted, do not.
"""

import sysconfig
from pathlib import Path

site = Path(sysconfig.get_paths()["platlib"])
for compiled in [*site.glob("brownie/**/*.so"), *site.glob("eth_brownie__mypyc*.so")]:
    compiled.unlink()
