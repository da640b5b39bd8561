"""Commitments and reveals handed in outside the chain, posted together, checked by everyone.

`messages` are what is handed over, `submission` the participant's side, `collection` the
coordinator's, `posted` what a batch on chain says to anyone.
"""
