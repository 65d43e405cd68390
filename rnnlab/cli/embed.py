"""Ask the word vectors of a run: nearest words, analogies, a map, files for other programs, scores."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome
from rnnlab.cli.word_scores import scores

if TYPE_CHECKING:
    from rnnlab.inside.vectors.table import Neighbour, WordVectors

EXAMPLES = [
    "rnnlab embed last --nearest king --analogy king-man+woman",
    "rnnlab embed last --map map.html --projection tsne",
    "rnnlab embed last --export vectors.txt --projector projector",
    "rnnlab embed last --questions questions-words.txt --similarity wordsim353.tsv --similarity simlex999.txt",
    "rnnlab embed last --questions planted    # of a run with data=grid",
]
ASKED = ("nearest", "analogy", "map", "export", "projector", "questions", "similarity")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("--nearest", action="append", default=[], metavar="WORD", help="words with the largest cosine")
    parser.add_argument(
        "--analogy", action="append", default=[], metavar="SUM", help="words nearest to a sum, as king-man+woman"
    )
    parser.add_argument("--count", type=int, default=10, help="answers to each of these (default: 10)")
    parser.add_argument("--map", type=Path, metavar="FILE", help="write a page with a map of the words")
    parser.add_argument("--words", type=int, default=400, help="words on the map, the first ones (default: 400)")
    parser.add_argument("--projection", choices=("pca", "tsne"), default="pca", help="of the map (default: pca)")
    parser.add_argument("--export", type=Path, metavar="FILE", help="write the vectors as word2vec writes text")
    parser.add_argument("--projector", type=Path, metavar="FOLDER", help="write files for TensorBoard's projector")
    parser.add_argument(
        "--questions", action="append", default=[], metavar="FILE", help="score analogies of a file or public set"
    )
    parser.add_argument(
        "--similarity", action="append", default=[], metavar="FILE", help="rank correlation with ratings of a file"
    )
    parser.add_argument("--against", metavar="RUN", help="scores of another run beside these, with the same words")
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.config.schema import require
    from rnnlab.errors import RequestError
    from rnnlab.inside.vectors.reading import trained_vectors
    from rnnlab.rerun import load

    if not any(getattr(arguments, name) for name in ASKED):
        raise RequestError(f"rnnlab embed: say what is asked for: {', '.join(f'--{name}' for name in ASKED)}")
    require(arguments.count >= 1, "--count", arguments.count, "it must be at least 1")
    require(arguments.words >= 1, "--words", arguments.words, "it must be at least 1")
    compares = bool(arguments.questions or arguments.similarity)
    require(
        compares or arguments.against is None, "--against", arguments.against, "it needs --questions or --similarity"
    )
    refuse_places(arguments)
    loaded = load(arguments.run, arguments.plugins.split(",") if arguments.plugins else ())
    vectors = trained_vectors(loaded)
    V, D = vectors.vectors_VD.shape
    found: dict[str, Any] = {"run_id": loaded.run_id, "words": V, "features": D}
    answers, marked = answered(vectors, arguments)
    found |= answers
    found |= scores(loaded, vectors, arguments, console)
    for name, neighbours in (*answers["nearest"].items(), *answers["analogies"].items()):
        show_neighbours(name, neighbours, console)
    files = written(loaded.run_id, vectors, arguments, marked)
    console.say(f"run {loaded.run_id}: {V:,} words, {D} features each")
    for file in files:
        console.say(str(file))
    return Outcome(found | {"files": [str(file) for file in files]})


def refuse_places(arguments: argparse.Namespace) -> None:
    """RequestError where a file could not be written, before any of them is."""
    from rnnlab.inside.vectors.files import refuse_absent_folder

    for option in ("map", "export", "projector"):
        path = getattr(arguments, option)
        if path is not None:
            refuse_absent_folder(path, f"--{option}")


def answered(vectors: WordVectors, arguments: argparse.Namespace) -> tuple[dict[str, Any], set[int]]:
    """The answers to --nearest and --analogy, and the words that they are about."""
    from rnnlab.inside.vectors import expression

    asked = {word: vectors.place(word, "--nearest") for word in arguments.nearest}
    sums = {text: expression.parse(text, vectors) for text in arguments.analogy}
    nearest = {word: vectors.nearest(place, arguments.count) for word, place in asked.items()}
    analogies = {text: vectors.analogy(terms, arguments.count) for text, terms in sums.items()}
    marked = {*asked.values(), *(place for terms in sums.values() for _, place in terms)}
    marked |= {vectors.places[neighbours[0][0]] for neighbours in analogies.values() if neighbours}
    return {"nearest": nearest, "analogies": analogies}, marked


def show_neighbours(name: str, neighbours: Sequence[Neighbour], console: Console) -> None:
    from rnnlab.inside.vectors.files import plain_name

    console.table([{"word": plain_name(word), "cosine": cosine} for word, cosine in neighbours], f"nearest to {name}")


def written(run_id: str, vectors: WordVectors, arguments: argparse.Namespace, marked: set[int]) -> list[Path]:
    """The files that were asked for."""
    from rnnlab.inside.vectors.files import write_projector, write_word2vec
    from rnnlab.inside.vectors.map import map_page
    from rnnlab.inside.vectors.projection import Projection
    from rnnlab.tracking.atomic import write_atomically

    files = []
    if arguments.map is not None:
        page = map_page(vectors, run_id, arguments.words, Projection(arguments.projection), marked)
        write_atomically(arguments.map, page.encode())
        files.append(arguments.map)
    if arguments.export is not None:
        write_word2vec(vectors, arguments.export)
        files.append(arguments.export)
    if arguments.projector is not None:
        files += write_projector(vectors, arguments.projector)
    return files
