"""`tally config`: the user's settings file, and what is in effect."""

from __future__ import annotations

import os
from pathlib import Path

import click

from registry.cli.output import Output
from registry.cli.shared_options import given_options, requested_output, shared_options
from registry.config import Origin, check_setting, settings_in_effect
from registry.errors import ConfigError
from registry.redaction import redacted_url
from registry.settings_file import (
    SETTING_NAMES,
    read_settings_file,
    settings_path,
    write_settings_file,
)

__all__ = ["config"]

_SETTING = click.argument("setting", type=click.Choice(SETTING_NAMES))


@click.group()
def config() -> None:
    """Settings: where the chain, the storage and the key are, kept for every command."""


def _file() -> Path:
    path = settings_path(os.environ)
    if path is None:
        raise ConfigError("no home folder is known; set XDG_CONFIG_HOME to a folder")
    return path


def _in_effect() -> dict[str, Origin]:
    given = given_options()
    options = {name: given.get(name.replace("-", "_")) for name in SETTING_NAMES}
    texts = {name: None if value is None else str(value) for name, value in options.items()}
    return settings_in_effect(texts, os.environ, Path.cwd())


@config.command("get")
@_SETTING
@shared_options
def get_setting(setting: str) -> None:
    """Print a setting's value in effect, whole."""
    found = _in_effect().get(setting)
    if found is None:
        raise ConfigError(f"{setting} is not set; set it: tally config set {setting} VALUE")
    requested_output().result({"setting": setting, "value": found.value}, found.value)


@config.command("set")
@_SETTING
@click.argument("value")
@shared_options
def set_setting(setting: str, value: str) -> None:
    """Keep a setting for every command: rpc, storage, deployments, state, keystore and the like.

    Options, the environment and the network that `tally up` runs in this folder go before it. No
    account's key and no keystore's password is kept: name a keystore by its path.
    """
    check_setting(setting, value)
    path = _file()
    write_settings_file(path, read_settings_file(path) | {setting: value})
    shown = redacted_url(value)
    _told(requested_output(), setting, shown, f"{setting} is {shown}, kept in {path}")


@config.command("unset")
@_SETTING
@shared_options
def unset_setting(setting: str) -> None:
    """Take a setting out of the file."""
    path = _file()
    kept = read_settings_file(path)
    if setting not in kept:
        raise ConfigError(f"{path}: {setting} isn't set there; see `tally config list`")
    write_settings_file(path, {name: v for name, v in kept.items() if name != setting})
    _told(requested_output(), setting, None, f"{setting} is no longer set in {path}")


def _told(output: Output, setting: str, value: str | None, text: str) -> None:
    output.result({"setting": setting, "value": value}, text)


@config.command("list")
@shared_options
def list_settings() -> None:
    """List the settings in effect, and which option, variable or file each comes from."""
    found = _in_effect()
    rows = [
        [name, redacted_url(found[name].value), found[name].place]
        for name in SETTING_NAMES
        if name in found
    ]
    requested_output().rows(["setting", "value", "from"], rows, "")


@config.command("path")
@shared_options
def show_path() -> None:
    """Print where the settings file is, or would be."""
    path = _file()
    requested_output().result({"path": str(path), "exists": path.exists()}, str(path))
