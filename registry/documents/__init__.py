"""What is stored as canonical JSON and named by digest: each format has one strict reader.

`canonical_json` writes and reads the text, `parts` splits what is longer than a block; `manifest`
and `statement` are of versions and updates, `allow_list`, `batches` and `batch_entries` of who
takes part, `result` and `payouts` of what a round came to, `evaluation` of what participants
measured, `attestations` of what evaluators signed; `labels` are the short texts that go on chain.

`batch_signatures` makes and checks what stands in a batch; `bundles` are the shares of secrets
that participants of hidden rounds hand to their neighbours.
"""
