"""`tally publish`, `tally fetch`, `tally verify`."""

from __future__ import annotations

from pathlib import Path

import click

from registry.cli.options import Session, session_options
from registry.client import VersionMetadata
from registry.errors import ConfigError
from registry.storage import Cid
from registry.types import Version, VersionStatus, Visibility

__all__ = ["fetch", "publish", "verify"]

FOLDER = click.Path(path_type=Path)


def _metadata(pairs: tuple[str, ...]) -> dict[str, str]:
    parted = [pair.partition("=") for pair in pairs]
    for key, sign, value in parted:
        if not key or not sign:
            raise ConfigError(f"--metadata: expected KEY=VALUE, got {key + sign + value!r}")
    found = {key: value for key, _, value in parted}
    for key, _, value in parted:
        if found[key] != value:
            raise ConfigError(
                f"--metadata {key}: expected one value, got {value!r} and {found[key]!r}"
            )
    return found


@click.command()
@click.argument("path", type=FOLDER)
@click.option("--name", help="The model's name; the folder's name without it.")
@click.option("--new", is_flag=True, help="Make a model of your own, though NAME is another's.")
@click.option(
    "--from",
    "derived_from",
    help="The version that PATH was fetched as: NAME:version. It becomes the parent; licence, "
    "framework and architecture are taken over, its manifest.json gives way to a new one; what "
    "comes from a private version stays private.",
)
@click.option("--private", is_flag=True, help="Encrypt the content (for a new model).")
@click.option("--channel", help="Also point this channel at the version.")
@click.option("--licence", default="", help="An SPDX name, e.g. Apache-2.0.")
@click.option("--framework", default="", help="E.g. pytorch.")
@click.option("--architecture", default="", help="E.g. resnet-18.")
@click.option("--parent", multiple=True, help="A version this one comes from: NAME:version.")
@click.option("--metadata", multiple=True, help="KEY=VALUE for the manifest.")
@session_options
def publish(
    session: Session,
    path: Path,
    name: str | None,
    new: bool,
    derived_from: str | None,
    private: bool,
    channel: str | None,
    licence: str,
    framework: str,
    architecture: str,
    parent: tuple[str, ...],
    metadata: tuple[str, ...],
) -> None:
    """Publish the folder PATH as a model's next version.

    Model files are safetensors; pickles are refused. Run it again after a failure: it finishes
    without a second version.
    """
    with session.client() as client, session.output.progress("publish") as progress:
        description = VersionMetadata(
            framework=framework,
            architecture=architecture,
            licence=licence,
            parents=tuple(client.version(p).version_id for p in parent),
            metadata=_metadata(metadata),
        )
        known = {found.model_id for found in client.models()}
        version = client.publish(
            path,
            name or path.resolve().name,
            description,
            visibility=Visibility.PRIVATE if private else None,
            channel=channel,
            new=new,
            derived_from=derived_from,
            progress=progress,
        )
        model = client.state().catalogue.models[version.model_id]
        holding = sorted(client.revoked_readers(model.name))
    cid = str(Cid(version.content.codec, version.content.digest))
    session.output.result(
        {
            "modelId": version.model_id,
            "version": version.number,
            "cid": cid,
            "revokedWithKey": holding,
        },
        [
            f"published version {version.number}",
            f"cid {cid}",
            f"model {model.name}" + ("" if version.model_id in known else ", new"),
            *map(_can_decrypt, holding),
        ],
    )


def _can_decrypt(reader: str) -> str:
    return f"note: {reader} was revoked and keeps its key: it can decrypt this version too"


@click.command()
@click.argument("name")
@click.option("--to", "place", type=FOLDER, help="Where to; ./NAME without it.")
@click.option("--force", is_flag=True, help="Replace another or a changed version that is there.")
@session_options
def fetch(session: Session, name: str, place: Path | None, force: bool) -> None:
    """Fetch NAME[@channel|:version] and verify every block and file of it."""
    with session.client() as client, session.output.progress("fetch") as progress:
        version = client.version(name)
        slug = client.state().catalogue.models[version.model_id].slug
        target = place or Path(slug)
        manifest = client.fetch(name, target, progress, force=force)
        lacking = client.unproved_round(name)
    data = {"path": str(target), "version": version.number, "files": sorted(manifest.files)}
    shown = f"fetched version {version.number} to {target}: {len(manifest.files)} files"
    lines = [f"{shown}, all verified", *_warning(version), *_unproved(lacking)]
    session.output.result(data | _standing(version), lines)


@click.command()
@click.argument("path", type=FOLDER)
@click.option("--name", help="Also compare with the chain: NAME[@channel|:version].")
@session_options
def verify(session: Session, path: Path, name: str | None) -> None:
    """Check the folder PATH against its manifest and, with --name, against the chain."""
    if name is None:
        from registry.usecases.fetching import verify_folder

        manifest, version, lacking = verify_folder(path), None, None
    else:
        with session.client() as client:
            manifest, version = client.verify(path, name), client.version(name)
            lacking = client.unproved_round(name)
    against = "its manifest" if name is None else f"its manifest and {name} on the chain"
    data = {"path": str(path), "files": sorted(manifest.files), "verified": True}
    lines = [f"{path}: {len(manifest.files)} files match {against}", *_warning(version)]
    lines += _unproved(lacking)
    session.output.result(data | _standing(version), lines)


def _standing(version: Version | None) -> dict[str, str | None]:
    """Returns what a version's publishers say of it; nulls for a folder that names none."""
    if version is None:
        return {"status": None, "reason": None}
    return {"status": version.status.name.lower(), "reason": version.reason or None}


def _unproved(round_number: int | None) -> list[str]:
    if round_number is None:
        return []
    return [
        f"note: that its weights are those which round {round_number} was settled with takes the "
        "trainer to see: pip install 'tallystick[trainer]'"
    ]


def _warning(version: Version | None) -> list[str]:
    if version is None or version.status is VersionStatus.ACTIVE:
        return []
    why = version.reason or "no reason was given"
    return [f"warning: version {version.number} is {version.status.name.lower()}: {why}"]
