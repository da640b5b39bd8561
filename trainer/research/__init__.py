"""For research: rounds without chain or storage (`simulation`, and `hidden_simulation` for masks,
groups and drop-outs), and participants that cheat (`attacks`). Nothing in the product imports it.
"""
