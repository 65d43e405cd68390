"""fashion_mnist: 70,000 pictures of clothes of 28 by 28 pixels, a harder set in the form of MNIST."""

from __future__ import annotations

from dataclasses import replace

from rnnlab.data.idx import IdxFile, IdxImages
from rnnlab.data.spec import DataSpec

MIRROR = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
ARCHIVES = {
    "train-images-idx3-ubyte": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "train-labels-idx1-ubyte": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
FILES = tuple(IdxFile("fashion_mnist", MIRROR, name, None, archive) for name, archive in ARCHIVES.items())
LABELS = ("T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


class FashionMNIST(IdxImages):
    """Fashion-MNIST (Xiao, Rasul & Vollgraf 2017); see ``IdxImages`` for how pictures are read and split."""

    licence = "MIT"
    source = f"{MIRROR}/{FILES[0].name}.gz and three more"
    recipe = 1

    @classmethod
    def files(cls) -> tuple[IdxFile, ...]:
        return FILES

    def prepare(self) -> DataSpec:
        """See ``Images.prepare``."""
        return replace(IdxImages.prepare(self), labels=LABELS)
