"""Let a trained encoder and decoder write: a translation, a pronunciation, whatever it has learned."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rnnlab.cli.console import Console, Outcome
from rnnlab.errors import RequestError

if TYPE_CHECKING:
    from rnnlab.data.base import Dataset
    from rnnlab.models.decoding.writing import Search, Written
    from rnnlab.rerun import LoadedModel

EXAMPLES = [
    'rnnlab translate last "he is a teacher." --beam 5',
    "rnnlab translate last knowledge through --html attention.html",
    "rnnlab translate best --split test",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument(
        "texts", metavar="TEXT", nargs="*", help="what is written about; each word or sentence by itself"
    )
    parser.add_argument(
        "--split", choices=("val", "test"), help="write about a whole part of the run's data, and score it"
    )
    parser.add_argument("--beam", type=int, default=5, help="sentences kept side by side; 1 is greedy (default: 5)")
    parser.add_argument("--length-penalty", type=float, default=0.6, help="above 0, longer ones win (default: 0.6)")
    parser.add_argument(
        "--html", type=Path, default=None, metavar="FILE", help="pictures of where it looked, on a page"
    )
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.config import registry
    from rnnlab.models.decoding.writing import Search
    from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
    from rnnlab.rerun import load

    how = Search(beam=arguments.beam, length_penalty=arguments.length_penalty)
    if bool(arguments.texts) == bool(arguments.split):
        raise RequestError("TEXT: give texts, or --split val or --split test, and not both")
    if arguments.split and arguments.html:
        raise RequestError("--html: pictures are of texts; leave out --split, and name some")
    if arguments.html is not None and not arguments.html.absolute().parent.is_dir():
        raise RequestError(f"--html {arguments.html}: there is no folder {arguments.html.absolute().parent}")
    loaded = load(arguments.run, arguments.plugins.split(",") if arguments.plugins else ())
    if not isinstance(loaded.model, EncoderDecoder) or loaded.spec.shape != "pairs":
        raise RequestError(f"RUN = {arguments.run!r}: only a task=encoder_decoder on pairs of sequences translates")
    how.check(loaded.spec)
    dataset: Dataset = registry.build("data", loaded.experiment.data)
    if arguments.split:
        return whole_split(loaded, dataset, arguments.split, how, console)
    return each_text(loaded, dataset, arguments, how, console)


def each_text(
    loaded: LoadedModel, dataset: Dataset, arguments: argparse.Namespace, how: Search, console: Console
) -> Outcome:
    """Write about each text, and draw where the model looked if a page is asked for."""
    from rnnlab.models.decoding.writing import numbered, write
    from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
    from rnnlab.report.attention import Alignment, write_alignments

    assert isinstance(loaded.model, EncoderDecoder)
    sources = [numbered(dataset.read_as(text), loaded.spec, f"TEXT {text!r}") for text in arguments.texts]
    found = write(loaded.model, loaded.spec, sources, how)
    texts = [dataset.written_as(written.target) for written in found]
    for text, written, result in zip(arguments.texts, found, texts, strict=True):
        console.say(f"{text} -> {result}    (score {written.score:.3f})")
    if arguments.html is not None:
        pictures = [
            Alignment(written.source, written.target, as_lists(written), text, written.score)
            for written, text in zip(found, texts, strict=True)
        ]
        write_alignments(arguments.html, f"Run {loaded.run_id}: where it looked", pictures)
        console.say(f"pictures: {arguments.html}")
    rows = [
        {"text": text, "written": result, "score": written.score, "symbols": list(written.target),
         "attention": as_lists(written)}
        for text, written, result in zip(arguments.texts, found, texts, strict=True)
    ]  # fmt: skip
    return Outcome({"run_id": loaded.run_id, "beam": how.beam, "texts": rows})


def as_lists(written: Written) -> list[list[float]] | None:
    return None if written.weights is None else written.weights.tolist()


def whole_split(loaded: LoadedModel, dataset: Dataset, name: str, how: Search, console: Console) -> Outcome:
    """Write about every item of a part, and score it: all of it, and by length of what is read."""
    from rnnlab.models.decoding.evaluation import evaluated
    from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
    from rnnlab.rerun import refuse_other_data

    assert isinstance(loaded.model, EncoderDecoder)
    refuse_other_data(loaded, dataset, f"--split {name}")
    with console.progress("writing") as progress:
        found = evaluated(loaded.model, loaded.spec, dataset, name, how, lambda done, of: progress(done, of))
    title = f"run {loaded.run_id} on {name}, beam {how.beam}, length penalty {how.length_penalty:g}"
    console.table(found.scores, title)
    console.table(found.judged, "what the data can tell of them")
    for signature in found.signatures:
        console.say(signature)
    return Outcome({"run_id": loaded.run_id, "split": name, "beam": how.beam, **found._asdict()})
