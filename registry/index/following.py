"""What an event has to follow from: a fold takes no event that its contract couldn't have told."""

__all__ = ["require"]


def require(holds: bool, otherwise: str) -> None:
    """Returns if it holds.

    Raises:
        ValueError: it doesn't: the contract refuses what would break it, so such an event is not
            the contract's.
    """
    if not holds:
        raise ValueError(otherwise)
