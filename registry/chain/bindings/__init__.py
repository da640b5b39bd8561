"""The contracts' ABIs as typed Python.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""
