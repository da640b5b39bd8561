"""What people do with the registry, one file per concern; `RegistryClient` gathers them.

`Connection` holds the parts that each needs: chain, contracts, storage, key, event index.

* models: `registering`, `publishing` with `publish_targets` and `derived_versions`, `fetching` with
  `destinations`, `private_models`, `access`, `pruning`;
* what people call them: `references`, `names` and their `name_pins`; what happened to them:
  `model_history` in `history_words`, `lineage`;
* rounds: `rounds`, `batches`, `hidden_rounds`, `forfeits`, `payouts`;
* under stake: `stakes`, `staked_rounds`, `availability`, `disputes`, `evaluations`,
  `weighted_payouts`, `settled_weights`.

`connection` is what all of them need.
"""
