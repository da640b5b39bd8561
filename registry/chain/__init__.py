"""The chain, the only package that imports web3: once a node is asked over a socket (`sockets`).

`connect` opens a `Gateway`; `TransactionSender` sends each transaction once; `Contract` reads and
writes by the shipped ABIs; every Solidity error arrives as a class under `Reverted`
(`error_classes`); `EventReader` follows the events through re-orgs; `deploy` carries out the plan
and `load_deployment` checks `deployments/<chainId>.json` against the chain, which
`deployment_exchange` hands over.

* asking: `gateway` over `http` or `sockets`, `reading` of many views at once, `answers` read
  strictly, `headers`, `receipt_proofs` and `accounts` proved, by `rlp_fields`; `block_times`
  date events;
* calling: `contracts` by name, `calls` and `bindings` typed, with `abi_values`; `artifacts` and
  `runtime_code` are what is shipped, `reverts` the errors and `revert_sentences` what they say;
  `token` and `contract_signatures` call what isn't ours;
* sending: `transactions`, with `nonces`, `fees`, `journal`, `raw_transactions`, `watching`,
  `receipts`;
* events: `events`, decoded by `event_layout`;
* deploying: `deploy`, by `deployment_plan` and `deployment_parameters`, at `foreseen_addresses`;
  `deployments` are the files, `local_chains` the chains of one's own.
"""
