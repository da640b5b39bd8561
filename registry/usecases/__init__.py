"""What people do with the registry, one file per concern; `RegistryClient` gathers them.

`Connection` holds the parts that each needs: chain, contracts, storage, key, event index.
"""
