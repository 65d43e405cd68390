"""A small convolutional network, trained from scratch together with the decoder."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig, require
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell
from rnnlab.models.encoders.base import Encoder
from rnnlab.models.encoders.pictures import PictureEncoder
from rnnlab.models.stack import Stack


class CNN(PictureEncoder):
    """Halvings, each a 3 x 3 convolution, normalisation, max(0, .) and the largest of 2 x 2; then a map of each place.

    Channels double from one to the next, up to ``size``. After two halvings a place of the memory has 4 x 4 pixels and
    its features see 10 x 10, little of what lies beside it: to see a thing, a decoder must look where it is. So
    each place is normalised by itself. A norm over the whole picture tells every place what there is anywhere,
    and a decoder then may read that from any of them.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Encoder.Config):
        """size: features of a place. halvings: how often the picture is made half as large."""

        size: int = 64
        halvings: int = 2

        def __post_init__(self) -> None:
            require(self.halvings >= 1, "encoder.halvings", self.halvings, "it must be at least 1")
            least = 2 << self.halvings
            possible = f"it must be a multiple of {least} with encoder.halvings = {self.halvings}"
            require(self.size >= least and self.size % least == 0, "encoder.size", self.size, possible)

    def __init__(
        self, config: Config, spec: DataSpec, cell: Cell.Config, embedding: ComponentConfig, stack: Stack.Config
    ) -> None:
        super().__init__(config, spec, cell, embedding, stack)
        channels, height, width = spec.picture
        if min(height, width) < 1 << config.halvings:
            raise RequestError(
                f"encoder.halvings = {config.halvings}: of pictures of {height} x {width} pixels nothing would be left"
            )
        sizes = [channels, *(config.size >> left for left in range(config.halvings, 0, -1))]
        layers: list[nn.Module] = []
        for inputs, outputs in zip(sizes, sizes[1:], strict=False):
            layers += [*convolution(inputs, outputs, 3), nn.MaxPool2d(2)]
        self.layers = nn.Sequential(*layers, *convolution(sizes[-1], config.size, 1))
        self.see((height >> config.halvings, width >> config.halvings), config.size)

    def features(self, pictures: Tensor) -> Tensor:
        """See ``PictureEncoder.features``."""
        found_BMYX: Tensor = self.layers(pictures)
        return found_BMYX


def convolution(inputs: int, outputs: int, width: int) -> list[nn.Module]:
    """width x width pixels, which leaves the size as it is, normalised."""
    return [nn.Conv2d(inputs, outputs, width, padding=width // 2), PlaceNorm(outputs), nn.ReLU()]


class PlaceNorm(nn.LayerNorm):
    """The channels of each place to mean 0 and variance 1 (Ba et al. 2016), then a scale and a shift for each."""

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, Y, X) to the same."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)
