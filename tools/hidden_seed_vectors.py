"""The vectors of seeds, shares and neighbours, for `write_hidden_vectors.py`.

Points are added by the textbook's formulas over integers; of Keccak alone the package's is used.

* `hidden_seeds.json` — `members`: two secrets, key and its address, commitment and own mask's seed
  of each; `pairs`: two of them, their point's address, and their mask's seed; `tree`: the shares of
  a dealer as leaves in their order, with root and proofs;
* `hidden_graphs.json` — `orders`: a roster's order seed and everybody's place; `groups`: sizes, and
  of each member of the first and the last group its neighbours, with the threshold.
"""

from hashlib import sha256
from typing import Any

from registry.hashing import keccak256

PRIME = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
CHAIN_ID, CONTRACT = 31_337, 0x5615DEB798BB3E4DFA0139DFA1B3D433CC23B72F
ROUND = sha256(b"a round").digest()
SIZES = (1, 2, 3, 5, 16, 17, 100, 300)
GROUPS = (
    (1, 32, 20, 11),
    (2, 2, 2, 2),
    (3, 2, 2, 2),
    (5, 2, 4, 3),
    (17, 8, 4, 3),
    (100, 32, 20, 11),
    (33, 32, 6, 5),
    (256, 256, 254, 128),
)
Point = tuple[int, int] | None
Case = dict[str, Any]


def hexed(data: bytes) -> str:
    """Returns bytes as 0x and lower-case hex."""
    return "0x" + data.hex()


def words(*values: int | bytes) -> bytes:
    """Returns values as `abi.encode` does static ones: 32 bytes each."""
    return b"".join(v if isinstance(v, bytes) else v.to_bytes(32, "big") for v in values)


def added(one: Point, two: Point) -> Point:
    """Returns the sum of two points."""
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0] and (one[1] + two[1]) % PRIME == 0:
        return None
    if one == two:
        slope = 3 * one[0] * one[0] * pow(2 * one[1], -1, PRIME)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, PRIME)
    x = (slope * slope - one[0] - two[0]) % PRIME
    return x, (slope * (one[0] - x) - one[1]) % PRIME


def times(number: int, point: Point) -> tuple[int, int]:
    """Returns a multiple of a point; it isn't the point at infinity."""
    total: Point = None
    while number:
        total = added(total, point) if number & 1 else total
        point, number = added(point, point), number >> 1
    assert total is not None  # noqa: S101
    return total


def address(point: tuple[int, int]) -> int:
    """Returns the address of a point."""
    return int.from_bytes(keccak256(words(*point))[12:], "big")


def text(number: int) -> str:
    """Returns an address in lower case."""
    return f"0x{number:040x}"


def tagged(what: str, *rest: int | bytes) -> bytes:
    """Returns the digest of what is bound to one round of one contract of one chain."""
    tag = keccak256(f"tallystick/hidden/{what}/1".encode())
    return keccak256(words(tag, CHAIN_ID, CONTRACT, ROUND, *rest))


def seeds() -> dict[str, list[Case] | Case]:
    """Returns `hidden_seeds.json`."""
    drawn = [int.from_bytes(sha256(b"key %d" % n).digest(), "big") % ORDER for n in range(4)]
    keys = [1, ORDER - 1, *drawn]
    people = [address(times(number, G)) for number in range(11, 11 + len(keys))]
    members, pairs = [], []
    for who, key in zip(people, keys, strict=True):
        seed = sha256(b"seed %d" % who).digest()
        x, y = times(key, G)
        members.append(
            {
                "participant": text(who),
                "seed": hexed(seed),
                "secret": hexed(words(key)),
                "x": hexed(words(x)),
                "odd": bool(y & 1),
                "keyAddress": text(address((x, y))),
                "seedCommitment": hexed(tagged("seed", who, seed)),
                "selfMaskSeed": hexed(tagged("self", who, seed)),
            }
        )
    for one, two in ((0, 1), (1, 0), (2, 3), (3, 2), (4, 5), (0, 5)):
        shared = address(times(keys[one], times(keys[two], G)))
        low, high = sorted((people[one], people[two]))
        seed = tagged("pair", low, high, shared)
        pairs.append({"one": one, "two": two, "shared": text(shared), "seed": hexed(seed)})
    return {
        "round": hexed(ROUND),
        "chainId": CHAIN_ID,
        "contract": text(CONTRACT),
        "members": members,
        "pairs": pairs,
        "tree": tree(people[5], people[:5]),
    }


def tree(dealer: int, holders: list[int]) -> Case:
    """Returns a dealer's shares as a tree: in the order of the holders, of the seed and the key."""
    shares = []
    for place, holder in enumerate(holders, 1):
        for kind in (1, 2):
            share = sha256(b"share %d %d" % (place, kind)).digest()
            leaf = keccak256(keccak256(words(dealer, holder, kind, place, share)))
            told = {"holder": text(holder), "kind": kind, "place": place, "share": hexed(share)}
            shares.append({**told, "leaf": hexed(leaf)})
    nodes = standard_tree([bytes.fromhex(one["leaf"][2:]) for one in shares])
    for one in shares:
        at = nodes.index(bytes.fromhex(one["leaf"][2:]))
        proof = []
        while at:
            proof.append(hexed(nodes[at + 1 if at % 2 else at - 1]))
            at = (at - 1) // 2
        one["proof"] = proof
    return {"dealer": text(dealer), "root": hexed(nodes[0]), "shares": shares}


def standard_tree(leaves: list[bytes]) -> list[bytes]:
    """Returns the nodes of OpenZeppelin's standard tree, the root first: leaves are sorted."""
    nodes = [b""] * (len(leaves) - 1) + sorted(leaves)[::-1]
    for at in reversed(range(len(leaves) - 1)):
        nodes[at] = keccak256(b"".join(sorted(nodes[2 * at + 1 : 2 * at + 3])))
    return nodes


def roster(count: int) -> list[tuple[int, int, bool]]:
    """Returns addresses with made-up keys: the order takes any."""
    return [
        (int.from_bytes(sha256(b"who %d" % n).digest()[:20], "big"), n + 1, n % 3 == 0)
        for n in range(count)
    ]


def order_seed(people: list[tuple[int, int, bool]]) -> bytes:
    """Returns what the order of a roster is drawn by."""
    digest = bytes(32)
    for who, x, odd in people:
        digest = keccak256(words(digest, who, x, int(odd)))
    return keccak256(words(ROUND, digest))


def place(index: int, count: int, seed: bytes) -> int:
    """Returns where one stands: eight rounds of a Feistel network, until it is below the count."""
    half = 1
    while 4**half < count:
        half += 1
    value = index
    while True:
        left, right = divmod(value, 2**half)
        for step in range(8):
            mixed = int.from_bytes(keccak256(words(seed, step, right)), "big") % 2**half
            left, right = right, left ^ mixed
        value = left * 2**half + right
        if value < count:
            return value


def graphs() -> dict[str, list[Case] | str]:
    """Returns `hidden_graphs.json`."""
    orders = []
    for count in SIZES:
        people = roster(count)
        seed = order_seed(people)
        orders.append(
            {
                "addresses": [text(who) for who, _, _ in people],
                "xs": [x for _, x, _ in people],
                "odds": [odd for _, _, odd in people],
                "seed": hexed(seed),
                "places": [place(index, count, seed) for index in range(count)],
            }
        )
    return {"round": hexed(ROUND), "orders": orders, "groups": [group(*one) for one in GROUPS]}


def group(count: int, size: int, degree: int, threshold: int) -> Case:
    """Returns how a roster is cut, and who is beside whom in its first and last group."""
    number = max(1, min(-(-count // size), count // 2))
    sizes = [count // number + (one < count % number) for one in range(number)]
    ends = []
    for members in (sizes[0], sizes[-1]):
        beside = [
            [
                other
                for other in range(members)
                if other != own
                and (
                    degree >= members - 1
                    or min((other - own) % members, (own - other) % members) <= degree // 2
                )
            ]
            for own in range(members)
        ]
        least = -(-min(degree, members - 1) * threshold // degree)
        # As bitmaps of places, which texts hold: a group has up to 256 members.
        maps = [hexed(words(sum(1 << other for other in row))) for row in beside]
        ends.append({"members": members, "threshold": least, "neighbours": maps})
    told = {"count": count, "groupSize": size, "degree": degree, "threshold": threshold}
    return {**told, "sizes": sizes, "ends": ends}
