"""The model, the data and the loops: what a Flower app calls its task."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset, random_split

from trainer.data import load_mnist, split_evenly

Images = DataLoader[tuple[torch.Tensor, ...]]


class Net(nn.Module):
    """The small convolutional network of the PyTorch quickstart, for one channel."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 4 * 4, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Returns logits, shape (batch, 10)."""
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        logits: torch.Tensor = self.fc3(x)
        return logits


def load_data(
    partition_id: int, num_partitions: int, batch_size: int, data: str, examples: int
) -> tuple[Images, Images]:
    """Returns a partition's training and test images: four fifths and one fifth of it.

    Args:
        partition_id: which partition, from 0.
        num_partitions: how many there are.
        batch_size: of both loaders.
        data: the folder of MNIST's IDX files; nothing is downloaded.
        examples: how many images all partitions have together.
    """
    train = load_mnist(Path(data), "train", examples)
    places = [int(at) for at in split_evenly(len(train), num_partitions)[partition_id]]
    mine: Subset[tuple[torch.Tensor, ...]] = Subset(train, places)
    kept = len(places) - len(places) // 5
    parts = random_split(
        mine, [kept, len(places) - kept], generator=torch.Generator().manual_seed(42)
    )
    order = torch.Generator().manual_seed(partition_id)
    return (
        DataLoader(parts[0], batch_size=batch_size, shuffle=True, generator=order),
        DataLoader(parts[1], batch_size=batch_size),
    )


def load_centralised(data: str) -> Images:
    """Returns the first thousand test images."""
    test: TensorDataset = load_mnist(Path(data), "test", 1_000)
    return DataLoader(test, batch_size=200)


def train(net: nn.Module, loader: Images, epochs: int, lr: float) -> float:
    """Trains in place; returns the mean loss of a batch."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    net.train()
    running_loss = 0.0
    for _ in range(epochs):
        for images, labels in loader:
            optimizer.zero_grad()
            loss = criterion(net(images), labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
    return running_loss / (epochs * len(loader))


def test(net: nn.Module, loader: Images) -> tuple[float, float]:
    """Returns the mean loss of a batch and the accuracy."""
    criterion = nn.CrossEntropyLoss()
    net.eval()
    correct, loss, count = 0, 0.0, 0
    with torch.no_grad():
        for images, labels in loader:
            outputs = net(images)
            loss += criterion(outputs, labels).item()
            correct += int((outputs.argmax(1) == labels).sum())
            count += len(labels)
    return loss / len(loader), correct / count
