"""Whether a participant can take part, told point by point before it takes a seat.

* `points`: a point, what it came to, and a list of them that one failure doesn't end;
* `client_points`: its data, its class, and the arrays that the class shows and returns;
* `chain_points`: its node, its storage, its funds, its stake, and who is invited;
* `participation`: all of them, for one model.
"""
