"""Which names a version's files may have: safe on every system, and never out of their folder.

`check_name` holds for every version, published by whomever: it keeps a name in its folder. What is
published from here is held to `check_portable` too, so that it can be fetched on every system.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from registry.errors import ConfigError
from registry.model_files.local_files import local_files

__all__ = [
    "check_name",
    "check_no_folder_is_empty",
    "check_portable",
    "check_relative_path",
    "visible_files",
]

_LONGEST_NAME = 255
_LONGEST_PATH = 1024
# What Windows keeps for devices, with any suffix, and the characters that it has other uses for.
_DEVICES = frozenset((
    *("con", "prn", "aux", "nul", "conin$", "conout$"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"),
))  # fmt: skip
_NOT_ON_WINDOWS = frozenset('<>:"|?*')


def check_name(name: str) -> None:
    """Refuses a name that a folder can't hold on every system, or that leads out of it (T-26).

    Raises:
        ConfigError: empty, `.`, `..`, hidden, over 255 bytes, or with `/`, `\\`, or a control
            character.
    """
    if (
        not name
        or name.startswith(".")
        or any(c in "/\\" or ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in name)
        or any(0xD800 <= ord(c) < 0xE000 for c in name)
        or len(name.encode()) > _LONGEST_NAME
    ):
        raise ConfigError(
            f"refused the name {name[:80]!r}: expected 1 to 255 bytes without a leading dot, "
            "slashes or control characters"
        )


def check_relative_path(path: str) -> None:
    """Refuses a path with a part that `check_name` refuses, or of more than 1,024 characters.

    Raises:
        ConfigError: as said; so `/a`, `a//b`, `./a` and `../a` are refused.
    """
    if len(path) > _LONGEST_PATH:
        raise ConfigError(f"expected a path of at most {_LONGEST_PATH} characters, got {len(path)}")
    for part in path.split("/"):
        check_name(part)


def check_portable(paths: Iterable[str]) -> None:
    """Refuses paths that some system can't hold, or holds as one where here they are two.

    Args:
        paths: a version's files, relative and with `/`.

    Raises:
        ConfigError: a name that Windows keeps for a device (`aux.txt`), one with a character of
            `<>:"|?*`, one that ends in a dot or a space, or two names that differ by case or by
            Unicode's normal form alone.
    """
    kept: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for depth, name in enumerate(parts, 1):
            _check_on_windows(path, name)
            place = "/".join(parts[:depth])
            other = kept.setdefault(_one_name(place), place)
            if other != place:
                raise ConfigError(
                    f"refused {place!r} beside {other!r}: macOS and Windows hold them as one; "
                    "rename one of them"
                )


def _one_name(path: str) -> str:
    """Returns a text that paths share if a system takes them for one."""
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def _check_on_windows(path: str, name: str) -> None:
    if name.partition(".")[0].rstrip().lower() in _DEVICES:
        why = f"{name!r} is a device's name on Windows"
    elif found := sorted(_NOT_ON_WINDOWS.intersection(name)):
        why = f"Windows allows no {found[0]} in a name"
    elif name.endswith((".", " ")):
        why = "Windows drops a dot or a space at a name's end"
    else:
        return
    raise ConfigError(f"refused {path!r}: {why}; rename it")


def visible_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yields the relative path (with `/`) and the place of every file, in order of path.

    Hidden files and folders are left out: `ipfs add -r` leaves them out of a version too.

    Raises:
        ConfigError: no folder, or one that can't be read; a symbolic link, a special file, or a
            name that is refused.
    """
    if not folder.is_dir():
        raise ConfigError(f"expected a folder, got {folder}")
    yield from sorted(_walk(folder, ""))


def check_no_folder_is_empty(folder: Path) -> None:
    """Refuses a folder with nothing visible below it: a manifest lists files, so it would vanish.

    Raises:
        ConfigError: names the folder.
    """
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not child.name.startswith("."):
            check_no_folder_is_empty(child)
    if all(child.name.startswith(".") for child in folder.iterdir()):
        raise ConfigError(
            f"{folder} holds no file to publish (hidden ones are left out); put a file in, or take "
            "the folder out"
        )


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    with local_files(folder):
        children = list(folder.iterdir())
    for child in children:
        if child.name.startswith("."):
            continue
        check_name(child.name)
        if child.is_symlink():
            raise ConfigError(f"{child} is a symbolic link; replace it by what it points to")
        if child.is_dir():
            yield from _walk(child, f"{prefix}{child.name}/")
        elif child.is_file():
            yield prefix + child.name, child
        else:
            raise ConfigError(f"{child} is neither a file nor a folder; take it out")
