"""The demonstration: five hospitals, one of them a free rider, train on real images together.

* `shards` cuts the data, `hospitals` are the client classes that the five processes run;
* `story` plays the whole loop: network, contracts, rounds, payouts, access, audit;
* `measures` counts accuracy, gas and bytes; `report` writes the table and the HTML page.
"""
