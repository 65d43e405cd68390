"""Word vectors for other programs: word2vec's text format, and the files of TensorBoard's projector."""

from __future__ import annotations

from pathlib import Path

from rnnlab.errors import RequestError
from rnnlab.inside.vectors.table import WordVectors
from rnnlab.tracking.atomic import write_atomically

END_OF_LINE = "</s>"
"""What word2vec calls the end of a line, and what stands for the end of what a decoder writes."""


def plain_name(word: str) -> str:
    """A word as one field of a line: white space is named, as both formats part fields by it."""
    if word in ("\n", ""):
        return END_OF_LINE
    return "".join(f"<U+{ord(character):04X}>" if character.isspace() else character for character in word)


def word2vec_text(vectors: WordVectors) -> str:
    """``V D``, then a line for each word with its numbers, which float32 reads back as they are.

    gensim: ``KeyedVectors.load_word2vec_format(path)``.
    """
    V, D = vectors.vectors_VD.shape
    rows = zip(vectors.words, vectors.vectors_VD, strict=True)
    lines = [" ".join([plain_name(word), *(f"{value:.9g}" for value in vector)]) for word, vector in rows]
    return "\n".join([f"{V} {D}", *lines, ""])


def write_word2vec(vectors: WordVectors, path: Path) -> None:
    """The text format as a file. WorkError where the disk refuses."""
    write_atomically(path, word2vec_text(vectors).encode())


def write_projector(vectors: WordVectors, folder: Path) -> list[Path]:
    """vectors.tsv and metadata.tsv, a line for each word: https://projector.tensorflow.org loads both."""
    numbers = "".join("\t".join(f"{value:.9g}" for value in vector) + "\n" for vector in vectors.vectors_VD)
    names = "".join(f"{plain_name(word)}\n" for word in vectors.words)
    written = {folder / "vectors.tsv": numbers, folder / "metadata.tsv": names}
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise RequestError(f"--projector {folder}: cannot be made ({error.strerror})") from error
    for path, text in written.items():
        write_atomically(path, text.encode())
    return list(written)


def refuse_absent_folder(path: Path, option: str) -> None:
    """RequestError where there is no folder that could hold the new file."""
    if not path.absolute().parent.is_dir():
        raise RequestError(f"{option} {path}: there is no folder {path.absolute().parent}")
