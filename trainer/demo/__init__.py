"""The demonstration: five hospitals, one of them a free rider, train on real images together.

* `shards` cuts the data, `hospitals` are the client classes that the five processes run;
* `scene` is who takes part and by what rules; `story` plays the whole loop: network, contracts,
  rounds, payouts, access, audit; `training` is its rounds;
* `measures` counts accuracy and bytes, `gas_steps` gas; `figures` is what is shown of all that,
  `report` on the terminal, `page` as HTML, built from `page_parts`.
* `command` is `tally demo`, `performance` one run of it, `tampering` changes one stored byte.
"""
