"""Signatures: what is signed, who signs, and how it is checked.

* `typed_data` says **what**: EIP-712 statements as frozen dataclasses under a `Domain`. A statement
  names its round and its participant, the domain names the chain and the contract, so a signature
  is good for one purpose in one place (T-14).
* `signers` says **who**: a `Signer` gives its address and signs digests, statements and
  transactions. `LocalSigner` holds a key in memory; it comes from a keystore file, from the
  environment or from raw bytes, and never shows in a repr or a pickle.
* `verify` says **whether**: one canonical form of 65 bytes (low s, v of 27 or 28), everything else
  is `SignatureInvalid` (T-15). Contract accounts are asked through the port
  `ContractSignatureChecker` (ERC-1271), which only the chain package can fill.
* Keys come from `keystores` or from the `environment`.

Example:
    >>> signer = LocalSigner.from_key(bytes(31) + b"\\x01")
    >>> domain = rounds_domain(31337, signer.address)
    >>> statement = UpdateStatement(bytes(32), signer.address, bytes(32), weight=10)
    >>> signature = signer.sign_typed(domain, statement)
    >>> recover(digest(domain, statement), signature) == signer.address
    True
"""

from __future__ import annotations

from registry.signing.environment import signer_from_environment
from registry.signing.keystores import create_keystore, keystore_addresses, signer_from_keystore
from registry.signing.signers import LocalSigner, Signer
from registry.signing.typed_data import (
    EVALUATIONS_NAME,
    MODEL_REGISTRY_NAME,
    TRAINING_ROUNDS_NAME,
    AttestationStatement,
    CommitmentStatement,
    Domain,
    PublicKeyStatement,
    Statement,
    UpdateStatement,
    digest,
    evaluations_domain,
    registry_domain,
    rounds_domain,
    typed_data_json,
)
from registry.signing.verify import (
    ContractSignatureChecker,
    address_of_public_key,
    recover,
    recover_public_key,
    verify,
)

__all__ = [
    "EVALUATIONS_NAME",
    "MODEL_REGISTRY_NAME",
    "TRAINING_ROUNDS_NAME",
    "AttestationStatement",
    "CommitmentStatement",
    "ContractSignatureChecker",
    "Domain",
    "LocalSigner",
    "PublicKeyStatement",
    "Signer",
    "Statement",
    "UpdateStatement",
    "address_of_public_key",
    "create_keystore",
    "digest",
    "evaluations_domain",
    "keystore_addresses",
    "recover",
    "recover_public_key",
    "registry_domain",
    "rounds_domain",
    "signer_from_environment",
    "signer_from_keystore",
    "typed_data_json",
    "verify",
]
