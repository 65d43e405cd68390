"""Put pictures into sentences with a trained model, and show where it looked at each word."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rnnlab.cli.console import Console, Outcome
from rnnlab.errors import RequestError

if TYPE_CHECKING:
    from rnnlab.models.decoding.writing import Search
    from rnnlab.rerun import LoadedModel

EXAMPLES = [
    "rnnlab caption last photo.jpg --beam 5",
    "rnnlab caption last scene.png other.png --html looked.html",
    "rnnlab caption best --split test --beam 1",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("images", metavar="IMAGE", nargs="*", type=Path, help="a PNG or JPEG file; each by itself")
    parser.add_argument("--split", choices=("val", "test"), help="a whole part of the run's data, scored")
    parser.add_argument("--beam", type=int, default=5, help="sentences kept side by side; 1 is greedy (default: 5)")
    parser.add_argument(
        "--html", type=Path, default=None, metavar="FILE", help="a map for each word of where it looked, on a page"
    )
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.models.decoding.writing import Search
    from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
    from rnnlab.rerun import load

    how = Search(beam=arguments.beam, length_penalty=0.0)
    if bool(arguments.images) == bool(arguments.split):
        raise RequestError("IMAGE: give pictures, or --split val or --split test, and not both")
    if arguments.split and arguments.html:
        raise RequestError("--html: maps are of pictures; leave out --split, and name some")
    if arguments.html is not None and not arguments.html.absolute().parent.is_dir():
        raise RequestError(f"--html {arguments.html}: there is no folder {arguments.html.absolute().parent}")
    loaded = load(arguments.run, arguments.plugins.split(",") if arguments.plugins else ())
    if not isinstance(loaded.model, EncoderDecoder) or loaded.spec.shape != "captions":
        raise RequestError(f"RUN = {arguments.run!r}: only a task=encoder_decoder on pictures writes captions")
    how.check(loaded.spec)
    if arguments.split:
        return whole_split(loaded, arguments.split, how, console)
    return each_picture(loaded, arguments, how, console)


def each_picture(loaded: LoadedModel, arguments: argparse.Namespace, how: Search, console: Console) -> Outcome:
    """A sentence for each file, and the page if one is asked for."""
    import numpy as np

    from rnnlab.data.picture_files import png, read_picture
    from rnnlab.models.decoding.captioning import caption, looked_at
    from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
    from rnnlab.report.captions import Captioned, write_captions

    assert isinstance(loaded.model, EncoderDecoder)
    _, height, width = loaded.spec.picture
    pictures = [read_picture(path, height, width) for path in arguments.images]
    found = []
    for path, picture, written in zip(
        arguments.images, pictures, caption(loaded.model, loaded.spec, np.stack(pictures), how), strict=True
    ):
        weights = looked_at(loaded.model, written)
        told = None if weights is None else weights.tolist()
        found.append(Captioned(path.name, png(picture), height, width, written.target, told, written.score))
        console.say(f"{path}: {' '.join(written.target)}    (ln P = {written.score:.3f})")
    if arguments.html is not None:
        write_captions(arguments.html, f"Run {loaded.run_id}: what it saw", found)
        console.say(f"maps: {arguments.html}")
    rows = [
        {"image": str(path), "sentence": list(each.words), "log_probability": each.log_probability,
         "attention": each.weights}
        for path, each in zip(arguments.images, found, strict=True)
    ]  # fmt: skip
    return Outcome({"run_id": loaded.run_id, "beam": how.beam, "images": rows})


def whole_split(loaded: LoadedModel, name: str, how: Search, console: Console) -> Outcome:
    """Write about every picture of a part, and score the sentences."""
    from rnnlab.config import registry
    from rnnlab.data.base import Dataset
    from rnnlab.models.decoding.captioning import evaluated_captions
    from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
    from rnnlab.rerun import refuse_other_data

    assert isinstance(loaded.model, EncoderDecoder)
    dataset: Dataset = registry.build("data", loaded.experiment.data)
    refuse_other_data(loaded, dataset, f"--split {name}")
    with console.progress("writing") as progress:
        shares, scores = evaluated_captions(
            loaded.model, loaded.spec, dataset, name, how, lambda done, of: progress(done, of)
        )
    console.table(shares, f"run {loaded.run_id} on {name}, beam {how.beam}")
    console.table([scores], "against all sentences of a picture, in percent")
    return Outcome({"run_id": loaded.run_id, "split": name, "beam": how.beam, "shares": shares, "scores": scores})
