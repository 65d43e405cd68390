from __future__ import annotations

from rnnlab.data.hello import Hello
from rnnlab.data.windows import StreamWindows


def test_hell_is_followed_by_ello() -> None:
    dataset = Hello(Hello.Config())
    symbols = dataset.prepare().symbols
    assert symbols == ("h", "e", "l", "o")
    for split in ("train", "val"):
        windows = StreamWindows(dataset.split(split), dataset.config.batch_size, window=4)
        assert len(windows) == 1
        batch = windows[0]
        assert "".join(symbols[i] for i in batch.inputs[0]) == "hell"
        assert "".join(symbols[i] for i in batch.targets[0]) == "ello"
