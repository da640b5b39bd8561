"""`python -m registry.cli`: the command `tally`, where the script isn't on the path."""

from registry.cli.app import main

main()
