"""The command `tally`: parse, call, print, and nothing else. One file per noun.

* nouns: `access`, `account`, `audit` (and lineage), `channel`, `config`, `deploy`, `deployment`,
  `dispute` with `evaluation`, `doctor`, `log`, `model`, `name`, `publish` (and fetch, verify),
  `reward`, `round`, `stake`, `store`, `token`, `up`, `version`;
* `app` gathers them, `lazy_commands` imports one when it runs, `skeleton` answers a shell's TAB;
  `examples` end their help;
  `options` and `shared_options` are those of every command;
* `output`, `columns`, `tables`, `notices`, `streams`, `terminal_text`: what is printed; `moments`,
  `digests` and `public_keys`: what is read; `failures`, `usage`, `termination`: how a command ends.
"""
