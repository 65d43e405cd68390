"""A residual network of torchvision that was trained on photographs, as it is or trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig, require
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell
from rnnlab.models.encoders.base import Encoder
from rnnlab.models.encoders.pictures import PictureEncoder
from rnnlab.models.stack import Stack

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the channels of ImageNet, by which all of torchvision's networks expect theirs to be standardised."""
SMALLEST = 32
"""Pixels of a side that make one place: five halvings."""
INSTEAD = "possible here: encoder=cnn"


class Network(str, Enum):
    """He et al. 2016, with the layers of each."""

    resnet18 = "resnet18"
    resnet50 = "resnet50"


class Pretrained(PictureEncoder):
    """torchvision's network without its last two layers, and a learned linear map of its places to ``size`` features.

    A place is 32 pixels wide and high. The weights are those that torchvision names as its best, and are never
    downloaded: their file is looked for where torch.hub keeps it.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Encoder.Config):
        """size: features of a place. trained: whether the network is trained on too, and not the map alone."""

        network: Network = Network.resnet18
        size: int = 256
        trained: bool = False

        def __post_init__(self) -> None:
            require(self.size >= 1, "encoder.size", self.size, "it must be at least 1")

    config: Config
    mean: Tensor
    deviation: Tensor

    def __init__(
        self, config: Config, spec: DataSpec, cell: Cell.Config, embedding: ComponentConfig, stack: Stack.Config
    ) -> None:
        super().__init__(config, spec, cell, embedding, stack)
        channels, height, width = spec.picture
        if channels != len(MEAN) or min(height, width) < SMALLEST:
            raise RequestError(
                f"encoder=pretrained: pictures of {channels} x {height} x {width}; they must have 3 channels and at"
                f" least {SMALLEST} pixels on each side"
            )
        network = with_weights(config.network)
        self.network = nn.Sequential(*list(network.children())[:-2])
        self.network.requires_grad_(config.trained)
        self.map = nn.Conv2d(network.fc.in_features, config.size, 1)
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(3, 1, 1))
        self.see((-(-height // SMALLEST), -(-width // SMALLEST)), config.size)

    def train(self, mode: bool = True) -> Pretrained:
        """What is not trained stays in evaluation: its normalisation keeps the figures that it came with."""
        super().train(mode)
        self.network.train(mode and self.config.trained)
        return self

    def features(self, pictures: Tensor) -> Tensor:
        """See ``PictureEncoder.features``."""
        found_BMYX: Tensor = self.map(self.network((pictures - self.mean) / self.deviation))
        return found_BMYX


def with_weights(name: Network) -> Any:
    """torchvision's network with its weights. RequestError where one of both is not on this machine."""
    try:
        from torchvision import models
    except (ImportError, RuntimeError) as error:  # RuntimeError: built for another version of torch
        reason = " ".join(str(error).split())
        raise RequestError(f"encoder=pretrained: torchvision cannot be imported ({reason}); {INSTEAD}") from error
    url = models.get_model_weights(name.value).DEFAULT.url
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]
    if not file.is_file():
        raise RequestError(
            f"encoder.network = {name.value!r}: its weights are not on this machine; put {url} into {file.parent};"
            f" {INSTEAD}"
        )
    check(file)
    network = models.get_model(name.value, weights=None)
    network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    return network


def check(file: Path) -> None:
    """RequestError unless a file's sha256 starts as its name tells: resnet18-f37072fd.pth."""
    expected = file.stem.rpartition("-")[2]
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if not found.startswith(expected):
        raise RequestError(f"{file}: damaged (sha256 starts with {found[:8]}, not {expected}); fetch it again")
