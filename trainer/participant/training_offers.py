"""Whether a training offers what a round's terms ask of it, told before a seat is taken."""

from __future__ import annotations

from registry.errors import ConfigError
from trainer.documents.terms_document import TermsDocument
from trainer.strategies import client_needs
from trainer.training.client import Correctable, LossTelling, Training

__all__ = ["require_offers"]


def require_offers(training: Training, document: TermsDocument) -> None:
    """Returns if a training can do what the terms ask for.

    Raises:
        ConfigError: it lacks a way to correct gradients, or to tell the base's loss.
    """
    if client_needs(document.strategy).control_variates and not isinstance(training, Correctable):
        raise ConfigError(
            f"{document.strategy} corrects the gradient of every local step, and this training "
            "offers no way to: use trainer.module_training, or give the client a method steer"
        )
    tells = not isinstance(training, LossTelling) or training.tells_loss
    if document.plan.weight == "loss" and not tells:
        raise ConfigError(
            f"{document.strategy} weighs updates by the base's loss on the local data, and the "
            "class has no evaluate; give it one"
        )
