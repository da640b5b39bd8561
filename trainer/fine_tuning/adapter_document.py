"""What an adapter version says of itself beside its tensors: `adapter.json`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from registry.documents.canonical_json import canonical, parse, require_fields
from registry.errors import ConfigError
from trainer.fine_tuning.libraries import library

if TYPE_CHECKING:
    from peft import LoraConfig

__all__ = ["ADAPTER_FILE", "LARGEST_ADAPTER_DOCUMENT", "AdapterDocument"]

ADAPTER_FILE = "adapter.json"
LARGEST_ADAPTER_DOCUMENT = 1 << 20
FORMAT = "tallystick/adapter/1"
_FIELDS = ("format", "rank", "alpha", "dropout", "targets", "labels")
_DROPOUT = re.compile(r"0(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class AdapterDocument:
    """How the adapters lie on the base, and what the head tells apart.

    The round-trip law: `AdapterDocument.parse(d.to_json()) == d`.

    Args:
        rank: r, 1 to 1,024.
        alpha: the adapters count `alpha / rank`; 1 to 1,000,000.
        dropout: of the adapters' inputs, as decimal text below 1.
        targets: the layers' names, ascending.
        labels: the classes' names, in the order of the logits; at least two.

    Raises:
        ConfigError: a value out of its range.
    """

    rank: int
    alpha: int
    dropout: str
    targets: tuple[str, ...]
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        """Checks the values."""
        for name, value, most in (("rank", self.rank, 1_024), ("alpha", self.alpha, 1_000_000)):
            if type(value) is not int or not 1 <= value <= most:
                raise ConfigError(f"adapter: expected {name} from 1 to {most}, got {value!r}")
        if not isinstance(self.dropout, str) or not _DROPOUT.fullmatch(self.dropout):
            raise ConfigError(f"adapter: expected a dropout such as '0.1', got {self.dropout!r}")
        for texts, least in ((self.targets, 1), (self.labels, 2)):
            wrong = [t for t in texts if not isinstance(t, str) or not t]
            if wrong or len(texts) < least or len(set(texts)) != len(texts):
                raise ConfigError(f"adapter: expected {least} or more distinct names, got {texts}")
        if list(self.targets) != sorted(self.targets):
            raise ConfigError(f"adapter: expected targets in order, got {self.targets}")

    @classmethod
    def of(cls, config: LoraConfig, labels: tuple[str, ...]) -> AdapterDocument:
        """Returns the document of a configuration.

        Raises:
            ConfigError: it asks for something beside rank, alpha, dropout and layers by name.
        """
        targets = config.target_modules
        if isinstance(targets, str) or not targets:
            raise ConfigError(f"adapter: expected layers by name, got {targets!r}; list them")
        dropout = f"{float(config.lora_dropout):.6f}".rstrip("0").rstrip(".")
        found = cls(config.r, config.lora_alpha, dropout, tuple(sorted(targets)), labels)
        asked, kept = _plain(config), _plain(found.config())
        if differing := sorted(name for name in asked if asked[name] != kept.get(name)):
            raise ConfigError(f"adapter: {differing} can't be published; leave them out")
        return found

    def config(self) -> LoraConfig:
        """Returns the configuration that makes these adapters."""
        made: LoraConfig = library("peft").LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=float(self.dropout),
            target_modules=list(self.targets),
        )
        return made

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical(
            {
                "format": FORMAT,
                "rank": self.rank,
                "alpha": self.alpha,
                "dropout": self.dropout,
                "targets": list(self.targets),
                "labels": list(self.labels),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> AdapterDocument:
        """Reads a document.

        Raises:
            ConfigError: malformed, of another format, or with values out of range.
        """
        text = parse(data, LARGEST_ADAPTER_DOCUMENT, ADAPTER_FILE)
        found = require_fields(text, _FIELDS, ADAPTER_FILE)
        if found["format"] != FORMAT:
            raise ConfigError(f"adapter: expected format {FORMAT}, got {found['format']!r}")
        if not isinstance(found["targets"], list) or not isinstance(found["labels"], list):
            raise ConfigError("adapter: expected lists of targets and labels")
        targets, labels = tuple(found["targets"]), tuple(found["labels"])
        return cls(found["rank"], found["alpha"], found["dropout"], targets, labels)


def _plain(config: LoraConfig) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = config.to_dict()  # type: ignore[no-untyped-call]
    return {name: value for name, value in fields.items() if name != "peft_version"}
