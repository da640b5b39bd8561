"""The chain, the only package that imports web3: once a node is asked over a socket (`sockets`).

`connect` opens a `Gateway`; `TransactionSender` sends each transaction once; `Contract` reads and
writes by the shipped ABIs; every Solidity error arrives as a class under `Reverted`
(`error_classes`); `EventReader` follows the events through re-orgs; `deploy` carries out the plan
and `load_deployment` checks `deployments/<chainId>.json` against the chain.
"""
