"""Write text with a trained language model."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from rnnlab.cli.console import Console, Outcome

EXAMPLES = [
    'rnnlab sample last --primer "ROMEO:" --length 400',
    "rnnlab sample best --temperature 0",
    "rnnlab sample last --top-p 0.9 --number 3 --seed 1",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("--primer", default="", help="text that the samples go on from (default: a new line)")
    parser.add_argument("--length", type=int, default=500, help="symbols, or words, of each sample (default: 500)")
    parser.add_argument("--temperature", type=float, default=0.8, help="below 1 safer, above 1 wilder, 0 the likeliest")
    parser.add_argument("--top-k", type=int, default=None, help="draw from the K likeliest symbols only")
    parser.add_argument("--top-p", type=float, default=None, help="draw from the likeliest that sum to P only")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same text (default: 0)")
    parser.add_argument("--unknown", action="store_true", help="in words: draw <unk> too, which is else left out")
    parser.add_argument("--number", type=int, default=1, help="samples; each has the next seed (default: 1)")
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.config.schema import require
    from rnnlab.models.sampling import Sampling, decode, encode, generate, unknown
    from rnnlab.models.tasks.language_model import LanguageModel
    from rnnlab.rerun import load

    require(arguments.number >= 1, "--number", arguments.number, "it must be at least 1")
    how = {name: getattr(arguments, name) for name in ("length", "temperature", "top_k", "top_p")}
    recipes = [Sampling(seed=arguments.seed + number, **how) for number in range(arguments.number)]
    loaded = load(arguments.run, arguments.plugins.split(",") if arguments.plugins else ())
    model = loaded.model
    require(isinstance(model, LanguageModel), "RUN", arguments.run, "only a language model writes text")
    assert isinstance(model, LanguageModel)
    primer = encode(arguments.primer, loaded.spec)
    never = [] if arguments.unknown else unknown(loaded.spec)
    texts = []
    for recipe in recipes:
        pieces = decode(generate(model, primer, recipe, never), loaded.spec, primer)
        texts.append(streamed(pieces, arguments.primer, console))
    return Outcome({"run_id": loaded.run_id, "primer": arguments.primer, "samples": texts})


def streamed(pieces: Iterator[str], primer: str, console: Console) -> str:
    """Show a sample while it is drawn; returns its text without the primer."""
    console.write(primer)
    text = []
    for piece in pieces:
        console.write(piece)
        text.append(piece)
    console.write("\n")
    return "".join(text)
