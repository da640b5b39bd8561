"""For research: rounds without chain or storage (`simulation`, with `hidden_simulation` for rounds
that hide updates), and participants that cheat (`attacks`). Nothing in the product imports it.
"""
