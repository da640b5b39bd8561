"""Adapter versions: a folder with the adapters' tensors alone, whose parent is the base version.

The base stays a model and a version of its own in the registry: the parent of the first adapter
version (M-5). Later ones have the adapter version before them as a parent, so the base's id, its
content and the digest of its weights also stand in the metadata, which rounds carry on.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from registry.documents.canonical_json import bytes32_to_hex
from registry.documents.manifest import Manifest
from registry.errors import ConfigError
from trainer.documents.version_folders import MANIFEST, first_version, model_file, read_version
from trainer.fine_tuning.adapter_document import (
    ADAPTER_FILE,
    LARGEST_ADAPTER_DOCUMENT,
    AdapterDocument,
)
from trainer.fine_tuning.base_model import read_base
from trainer.fine_tuning.lora import AdaptedClassifier, adapted, load_trained, trained_state

__all__ = ["BaseReference", "first_adapter_version", "load_adapted", "read_adapter"]

_VERSION, _CONTENT, _WEIGHTS = "baseVersion", "baseContent", "baseWeights"
_LARGEST_MANIFEST = 16 << 20


@dataclass(frozen=True)
class BaseReference:
    """The base version as the registry knows it.

    Args:
        version_id: 32 bytes (M-4).
        content_digest: of its folder, 32 bytes (C-1).
    """

    version_id: bytes
    content_digest: bytes

    def __post_init__(self) -> None:
        """Checks the lengths."""
        for name in ("version_id", "content_digest"):
            value = getattr(self, name)
            if not isinstance(value, bytes) or len(value) != 32:
                raise ConfigError(f"base: expected {name} to be 32 bytes, got {value!r}")


def first_adapter_version(
    folder: Path,
    module: AdaptedClassifier,
    document: AdapterDocument,
    base_folder: Path,
    base: BaseReference,
    licence: str = "MIT",
) -> None:
    """Writes the folder of a model's first adapter version; `tally publish` takes it as it is.

    Args:
        folder: made if it isn't there.
        module: what `adapted` gave for the document's configuration.
        document: how the adapters lie, and the labels.
        base_folder: the base version's folder.
        base: the base version; it becomes the parent.
        licence: an SPDX expression.

    Raises:
        ConfigError: the head's classes aren't the document's labels.
    """
    if module.head.out_features != len(document.labels):
        raise ConfigError(
            f"adapter: expected {module.head.out_features} labels, got {len(document.labels)}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ADAPTER_FILE).write_bytes(document.to_json())
    first_version(
        folder,
        trained_state(module),
        architecture="lora-classifier",
        licence=licence,
        parents=[base.version_id],
        metadata={
            _VERSION: bytes32_to_hex(base.version_id),
            _CONTENT: bytes32_to_hex(base.content_digest),
            _WEIGHTS: _weights_digest(base_folder),
        },
    )


def read_adapter(folder: Path) -> AdapterDocument:
    """Returns what an adapter version says of itself.

    Raises:
        ConfigError: no such document, or a malformed one.
    """
    path = folder / ADAPTER_FILE
    if path.is_symlink() or not path.is_file():
        raise ConfigError(f"{path}: expected an adapter version; give the folder of one")
    with path.open("rb") as file:
        return AdapterDocument.parse(file.read(LARGEST_ADAPTER_DOCUMENT + 1))


def load_adapted(base_folder: Path, adapter_folder: Path) -> AdaptedClassifier:
    """Puts a base and an adapter version together for inference.

    Args:
        base_folder: the base version's; its weights must be those the adapters were trained on.
        adapter_folder: any adapter version's.

    Returns:
        In evaluation mode; its logits are in the order of the adapter document's labels.

    Raises:
        ConfigError: another base, or a folder that is no base or no adapter version.
        ManifestError: the adapter's manifest is malformed.
        AggregationError: the adapter's tensors don't fit the base.
    """
    document = read_adapter(adapter_folder)
    with (adapter_folder / MANIFEST).open("rb") as file:
        manifest = Manifest.parse(file.read(_LARGEST_MANIFEST + 1))
    expected, found = manifest.metadata.get(_WEIGHTS), _weights_digest(base_folder)
    if expected != found:
        raise ConfigError(
            f"{base_folder}: expected weights of SHA-256 {expected}, got {found}; fetch version "
            f"{manifest.metadata.get(_VERSION)}"
        )
    module = adapted(read_base(base_folder), document.config(), len(document.labels))
    load_trained(module, read_version(adapter_folder))
    return module.eval()


def _weights_digest(base_folder: Path) -> str:
    with model_file(base_folder).open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
