"""The trees behind an aggregate, hashed as the contracts hash them, and proofs in them (F-1, F-8).

`nodes` are what a tree commits to, `trees` builds it over the updates that count, `robust_trees`
says its shape and what is trimmed; `server_steps` proves a server's step, `stake_terms` what a
round under stake asks for, `stake_rules` how long a search for one wrong chunk takes.
"""
