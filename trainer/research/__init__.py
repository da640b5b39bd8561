"""For research: rounds without chain or storage (`simulation`), and participants that cheat
(`attacks`). Nothing in the product imports it.
"""
