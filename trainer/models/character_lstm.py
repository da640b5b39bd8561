"""The next-character network of federated averaging's paper.

McMahan et al. (2017), section 3: characters are embedded in 8 dimensions and read by two stacked
LSTM layers of 256; what comes next is predicted after the last one. With 97 characters it has
about 820,000 parameters.
"""

from __future__ import annotations

import torch

__all__ = ["CharacterLstm"]


class CharacterLstm(torch.nn.Module):
    """Logits of the next character, shape (batch, characters), from (batch, length) of codes.

    Args:
        characters: how many there are; `trainer.data.windows` gives 97.
        width: of an LSTM layer.
    """

    def __init__(self, characters: int = 97, width: int = 256) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(characters, 8)
        self.lstm = torch.nn.LSTM(8, width, num_layers=2, batch_first=True)
        self.output = torch.nn.Linear(width, characters)

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        """Returns the logits after the last character."""
        read, _ = self.lstm(self.embedding(codes))
        logits: torch.Tensor = self.output(read[:, -1])
        return logits
