"""The command `tally`: parse, call, print, and nothing else. One file per noun."""
