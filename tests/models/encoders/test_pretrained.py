"""torchvision's networks: how their weights are found, kept, and missed. No weights are downloaded."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.encoders import pretrained
from rnnlab.models.encoders.pretrained import Pretrained


def make(side: int = 64, **settings: Any) -> Pretrained:
    spec = DataSpec(
        "captions", (), 0, 2, {"train": 8, "val": 4, "test": 4}, 2, "", "0",
        target_symbols=("", "yes"), target_length=2, picture=(3, side, side),
    )  # fmt: skip
    e = compose(["task=encoder_decoder", "encoder=pretrained", "data=shapes"]).experiment
    config = Pretrained.Config(name="pretrained", **settings)
    return registry.build("encoder", config, spec, e.cell, e.embedding, e.stack)


def torchvision() -> Any:
    """The package, where it can be imported: built for another torch it raises RuntimeError."""
    try:
        import torchvision
    except (ImportError, RuntimeError):
        pytest.skip("torchvision cannot be imported here")
    return torchvision


def test_without_torchvision_it_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(RequestError) as told:
        make()
    assert str(told.value).startswith("encoder=pretrained: torchvision cannot be imported")
    assert "encoder=cnn" in str(told.value) and "\n" not in str(told.value)


def test_pictures_that_are_too_small_are_refused() -> None:
    with pytest.raises(RequestError, match="pictures of 3 x 16 x 16; they must have 3 channels and at least 32 pixels"):
        make(16)


def test_a_file_must_be_what_its_name_says(tmp_path: Path) -> None:
    content = b"weights"
    good = tmp_path / f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    good.write_bytes(content)
    pretrained.check(good)
    good.write_bytes(content + b".")
    with pytest.raises(RequestError, match="damaged"):
        pretrained.check(good)


def test_weights_that_are_not_at_hand_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torchvision()
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(RequestError, match="its weights are not on this machine; put https://.*resnet50-.*encoder=cnn"):
        make(network=pretrained.Network.resnet50)


def test_its_features_are_torchvisions_and_stay_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = torchvision().models
    torch.manual_seed(0)
    network = models.get_model("resnet18", weights=None)
    for buffer in network.buffers():
        if buffer.is_floating_point():
            buffer += torch.rand_like(buffer) / 10
    (tmp_path / "checkpoints").mkdir()
    name = models.get_model_weights("resnet18").DEFAULT.url.rpartition("/")[2]
    torch.save(network.state_dict(), tmp_path / "checkpoints" / name)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(pretrained, "check", lambda file: None)
    encoder = make(64, size=8)
    pictures = torch.rand(2, 3, 64, 64)
    seen: list[torch.Tensor] = []
    network.layer4.register_forward_hook(lambda module, given, found: seen.append(found))
    mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in (pretrained.MEAN, pretrained.DEVIATION))
    network.eval()((pictures - mean) / deviation)
    encoder.train()
    memory = encoder(pictures, None).memory_BSM
    expected = encoder.map(seen[0]).permute(0, 2, 3, 1) + encoder.row + encoder.column
    assert encoder.places == (2, 2)
    torch.testing.assert_close(memory, expected.flatten(1, 2))
    memory.sum().backward()
    assert all(parameter.grad is None for parameter in encoder.network.parameters())
    assert encoder.map.weight.grad is not None
    before = {name: value.clone() for name, value in encoder.network.state_dict().items()}
    encoder(pictures, None)
    assert all(torch.equal(before[name], value) for name, value in encoder.network.state_dict().items())
