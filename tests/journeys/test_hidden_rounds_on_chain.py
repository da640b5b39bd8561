"""Given a federation on a development chain whose terms hide updates

  when one of four drops out after it shared its secrets:
    the version is that of the three others' plain round, to the bit; the audit finds nothing;
    everybody who counts is paid an equal part
"""

from __future__ import annotations

from dataclasses import replace

from chain_federation import ChainFederation
from pytest import fixture

from registry.audit import audit
