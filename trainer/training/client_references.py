"""What `package.module:Name`, or `./file.py:Name`, names: found and imported."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from registry.errors import ConfigError
from trainer.training.foreign_errors import foreign_error

__all__ = ["named_object"]

_SHAPES = "package.module:Name or path/to/file.py:Name"


def named_object(option: str, reference: str) -> object:
    """Imports a module, or a file by its path, and returns what the reference names in it.

    Args:
        option: what it was given by, for the message.
        reference: `package.module:Name`, for which the working folder is searched too, or
            `path/to/file.py:Name`.

    Raises:
        ConfigError: malformed, no such module, file or name, or the module's own lines raised.
    """
    module_name, sign, name = reference.rpartition(":")
    if not sign or not module_name or not name:
        raise ConfigError(f"{option}: expected {_SHAPES}, got {reference!r}")
    try:
        module = _module(option, reference, module_name)
    except ConfigError:
        raise
    except Exception as error:  # of the module's own lines
        raise ConfigError(f"{option} {reference}: {_why(error, module_name)}") from error
    try:
        found: object = getattr(module, name)
    except AttributeError as error:
        raise ConfigError(f"{option} {reference}: {error}; {_names_in(module)}") from error
    return found


def _module(option: str, reference: str, named: str) -> ModuleType:
    if named.endswith(".py"):
        return _from_file(option, reference, Path(named).expanduser().resolve())
    if "/" in named:
        raise ConfigError(f"{option} {reference}: expected {_SHAPES}; add .py")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    return importlib.import_module(named)


def _from_file(option: str, reference: str, path: Path) -> ModuleType:
    """Returns the module of a file, imported once, beside whose folder it may import."""
    if not path.is_file():
        raise ConfigError(f"{option} {reference}: expected a file at {path}; check the path")
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    # By its own name where that is free: what it trained can then be sent to other processes.
    taken = sys.modules.get(path.stem) or importlib.util.find_spec(path.stem)
    file = getattr(taken, "__file__", None) or getattr(taken, "origin", None)
    if file is not None and Path(file).resolve() == path:
        return importlib.import_module(path.stem)
    name = f"tallystick_client_{path.stem}"
    known = sys.modules.get(name)
    if known is not None and known.__file__ == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{option} {reference}: expected Python code at {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _why(error: Exception, named: str) -> str:
    """Returns why a module can't be imported; the file's own faults with their place."""
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        if named == error.name or named.startswith(f"{error.name}."):
            return (
                f"No module named {error.name!r} in {Path.cwd()} or among what is installed; run "
                "it in the folder of your code, or give the file's path: path/to/file.py:Name"
            )
        return f"{error}; install it, or leave its import out"
    return foreign_error(error)


def _names_in(module: ModuleType) -> str:
    """Returns which classes and functions a module has of its own."""
    own = [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    ]
    return f"it has {', '.join(own[:8])}" if own else "it has no class and no function of its own"
