"""What people do with the registry, one file per concern; `RegistryClient` gathers them.

`Connection` holds the parts that each needs: chain, contracts, storage, key, event index.

* models: `publishing` with `publish_targets`, `fetching` with `destinations`, `private_models`,
  `pruning`; `references` are how people name them;
* rounds: `rounds`, `batches`, `forfeits`, `payouts`;
* under stake: `stakes`, `staked_rounds`, `availability`, `disputes`, `evaluations`,
  `weighted_payouts`, `settled_weights`.

`connection` is what all of them need.
"""
