"""The command `tally`: parse, call, print, and nothing else. One file per noun.

* nouns: `access`, `account`, `audit` (and lineage), `channel`, `deploy`, `dispute` with
  `evaluation`, `doctor`, `model`, `publish` (and fetch, verify), `reward`, `round`, `stake`,
  `store`, `up`, `version`;
* `app` gathers them, `lazy_commands` imports one when it runs; `options` are shared;
* `output`, `columns`, `streams`, `terminal_text`: what is printed; `moments`: dates that are read;
* `failures`, `termination`: how a command ends.
"""
