"""Which chunks of numerators that nobody has laid open may still be wrong.

Every answer to a question carries the siblings of its chunk (L-4). A sibling that is the hash we
have worked out ourselves clears all chunks below it, so a few answers close in on a wrong chunk
as a search by halves does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trainer.vectors.vector_roots import chunk_count

__all__ = ["spread", "suspects"]


def suspects(
    length: int, answers: Iterable[tuple[int, Sequence[bytes], Sequence[bytes]]]
) -> list[int]:
    """Returns the chunks that no answer has cleared, ascending.

    Args:
        length: of the vector, in values.
        answers: per answered chunk its index, the siblings that came with it, and the siblings
            that it would have in the right vector.
    """
    chunks = chunk_count(length)
    cleared: set[int] = set()
    for index, theirs, ours in answers:
        cleared.add(index)
        for (low, high), told, right in zip(_spans(index, chunks), theirs, ours, strict=False):
            if told == right:
                cleared.update(range(low, high))
    return [chunk for chunk in range(chunks) if chunk not in cleared]


def _spans(index: int, chunks: int) -> list[tuple[int, int]]:
    """Returns what each sibling of a chunk covers, from the leaf up."""
    spans, level, count = [], 0, chunks
    at = index
    while count > 1:
        sibling = at ^ 1
        if sibling < count:
            low = sibling << level
            spans.append((low, min(low + (1 << level), chunks)))
        at, count, level = at >> 1, (count + 1) >> 1, level + 1
    return spans


def spread(among: Sequence[int], most: int) -> list[int]:
    """Returns at most `most` of some chunks, evenly spaced, so that answers part them well."""
    count = min(most, len(among))
    return [among[(2 * i + 1) * len(among) // (2 * count)] for i in range(count)]
