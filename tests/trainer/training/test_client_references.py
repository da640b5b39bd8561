"""`package.module:Name` and `path/to/file.py:Name`: what can be wrong with each is one line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.errors import ConfigError
from trainer.training.client_loading import load_client
from trainer.training.client_references import named_object

SOURCE = """
from neighbour_of_clinic import ANSWER


class Client:
    answer = ANSWER

    def __init__(self, data):
        self.data = data

    def fit(self, parameters, config):
        return parameters, 1, {}


def train(model, data):
    return 1


class Raises(Client):
    def __init__(self, data):
        open(data / "nobody", encoding="utf-8")


def _deep(depth):
    return _deep(depth - 1) if depth else {}["x" * 1_000]


class Deep(Client):
    def __init__(self, data):
        _deep(2)


class Library(Client):
    def __init__(self, data):
        from library_of_clinic import fail

        fail()


class Beside(Client):
    def __init__(self, data):
        from neighbour_of_clinic import fail

        fail()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a client's file, and one that it imports; what was imported is forgotten."""
    before, paths = set(sys.modules), list(sys.path)
    (tmp_path / "clinic_file.py").write_text(SOURCE)
    (tmp_path / "neighbour_of_clinic.py").write_text(
        "ANSWER = 42\ndef fail():\n    raise OSError('no disk')\n"
    )
    yield tmp_path
    sys.path[:] = paths
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_path_names_a_class_that_imports_what_lies_beside_it(folder: Path) -> None:
    client = load_client(f"{folder}/clinic_file.py:Client", folder / "data")
    assert (client.answer, client.data) == (42, folder / "data")  # type: ignore[attr-defined]
    again = named_object("--client", f"{folder}/clinic_file.py:Client")
    assert type(client) is again


def test_a_relative_path_is_taken_from_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert type(load_client("./clinic_file.py:Client", folder)).__name__ == "Client"


def test_a_file_whose_name_is_a_library_s_is_that_file_and_not_the_library(folder: Path) -> None:
    (folder / "json.py").write_text("def own():\n    return 'mine'\n")
    found = named_object("--client", f"{folder}/json.py:own")
    assert callable(found)
    assert found() == "mine"
    import json

    assert json.loads("[1]") == [1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("clinic_file", "expected package.module:Name or path/to/file.py:Name, got"),
        ("{folder}/gone.py:Client", "expected a file at .*gone.py; check the path"),
        ("{folder}/clinic_file:Client", "add .py"),
        (
            "{folder}/clinic_file.py:Nobody",
            "has no attribute 'Nobody'; it has Client, train, Raises, D",
        ),
        ("{folder}/clinic_file.py:train", "goes with --model"),
        ("{folder}/broken.py:Client", r"SyntaxError"),
        ("{folder}/failing.py:Client", r"ValueError: at import \(.*failing.py:2\)"),
        ("{folder}/lacking.py:Client", "No module named 'no_such_library'; install it"),
        ("no_such_module:Client", "No module named 'no_such_module' in .*; run it in the folder"),
        ("{folder}/clinic_file.py:Raises", r"FileNotFoundError: .* \(.*clinic_file.py:21\); is"),
    ],
)
def test_what_is_wrong_is_one_line_with_a_remedy(folder: Path, text: str, says: str) -> None:
    (folder / "broken.py").write_text("class Client\n")
    (folder / "failing.py").write_text("\nraise ValueError('at import')\n")
    (folder / "lacking.py").write_text("import no_such_library\n")
    with pytest.raises(ConfigError, match=says) as raised:
        load_client(text.format(folder=folder), folder)
    assert "\n" not in str(raised.value)


def test_the_place_is_the_deepest_line_of_the_owner_s_code_and_what_is_said_is_cut(
    folder: Path,
) -> None:
    with pytest.raises(ConfigError, match=r"KeyError: 'x{299} \(.*clinic_file.py:25\); is"):
        load_client(f"{folder}/clinic_file.py:Deep", folder)


def test_the_place_may_lie_in_a_file_beside_the_class(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"OSError: no disk \(.*neighbour_of_clinic.py:3\); is"):
        load_client(f"{folder}/clinic_file.py:Beside", folder)


def test_a_library_in_the_owner_s_folder_is_not_the_owner_s_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries = folder / "env" / "site-packages"
    libraries.mkdir(parents=True)
    (libraries / "library_of_clinic.py").write_text("def fail():\n    raise OSError('no disk')\n")
    monkeypatch.syspath_prepend(libraries)
    with pytest.raises(ConfigError, match=r"OSError: no disk \(.*clinic_file.py:37\); is"):
        load_client(f"{folder}/clinic_file.py:Library", folder)


def test_a_file_that_failed_is_read_again(folder: Path) -> None:
    (folder / "json.py").write_text("raise ValueError('half written')\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match="ValueError: half written"):
            named_object("--client", f"{folder}/json.py:own")
    (folder / "json.py").write_text("def own():\n    return 'mended'\n")
    assert callable(named_object("--client", f"{folder}/json.py:own"))


def test_the_whole_traceback_is_logged_for_who_asks(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "trainer"), pytest.raises(ConfigError):
        load_client(f"{folder}/clinic_file.py:Raises", folder)
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "Traceback (most recent call last):"
    assert any("clinic_file.py" in line and "line 21" in line for line in said)
    assert all("\n" not in line for line in said)
