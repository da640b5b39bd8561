"""How loops over rounds wait (`patience`), and what they do when a round moved under them
(`looking_again`).
"""
