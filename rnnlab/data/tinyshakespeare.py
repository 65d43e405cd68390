"""tinyshakespeare: 1.1 MB of plays, the small text that char-rnn made known."""

from __future__ import annotations

from pathlib import Path

from rnnlab.data.raw import RawFile
from rnnlab.data.text_stream import TextStream

INPUT = RawFile(
    folder="tinyshakespeare",
    file="input.txt",
    sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
)


class TinyShakespeare(TextStream):
    """1,115,394 characters, 65 of them different.

    The split is nanoGPT's: the first 90 % for training, the last 10 % for validation, and no test
    part. (char-rnn holds out 5 % of each stream: figures on the two splits cannot be compared.)
    """

    licence = "public-domain text; the repository is MIT"
    source = INPUT.url
    parts = (0.9, 0.1, 0.0)

    @classmethod
    def place(cls) -> Path | None:
        return INPUT.lying()

    def files(self) -> list[Path]:
        """See ``TextStream.files``."""
        return [INPUT.obtain(self.progress, self.say)]
