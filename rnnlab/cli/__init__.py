"""The command line: ``rnnlab VERB ...``. Each verb is a module of this package, found by its file.

A verb's module has a docstring, whose first line is its help; ``EXAMPLES``; ``add_arguments(parser)``;
and ``run(arguments, console) -> Outcome``. Only the module of the verb that is asked for is imported.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from rnnlab.cli.console import Console, Outcome
from rnnlab.config.source import first_line
from rnnlab.errors import Interrupted, RequestError, WorkError, did_you_mean

DONE, FAILED, WRONG_REQUEST, INTERRUPTED = 0, 1, 2, 130


def command() -> int:
    """What the shell runs: ``main``, and a quick end.

    Python would look through every object of torch and MLflow for garbage before it lets go of them all.
    """
    try:
        exit_code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our lines, as `head` does, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        exit_code = FAILED
    gc.freeze()
    return exit_code


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns its exit code: 0 done, 1 failed, 2 wrong request, 130 interrupted."""
    words = sys.argv[1:] if arguments is None else arguments
    in_json = "--json" in words
    try:
        return _dispatch(words)
    except RequestError as error:
        return _failed(error, WRONG_REQUEST, in_json)
    except WorkError as error:
        return _failed(error, FAILED, in_json)
    except Interrupted as error:
        return _failed(error, INTERRUPTED, in_json)
    except KeyboardInterrupt:
        return _failed("interrupted", INTERRUPTED, in_json)


def verbs() -> dict[str, str]:
    """Each verb with the first line of its module's docstring, read without importing it."""
    found: dict[str, str] = {}
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if file.stem == "__init__":
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            found[file.stem.replace("_", "-")] = first_line(ast.get_docstring(tree))
    return found


def verb_module(verb: str) -> ModuleType:
    """The module of a verb."""
    return importlib.import_module(f"{__name__}.{verb.replace('-', '_')}")


def verb_parser(verb: str, module: ModuleType) -> argparse.ArgumentParser:
    """The parser of a verb's arguments, with ``--json`` and ``--help``."""
    examples = "\n".join(f"  {example}" for example in module.EXAMPLES)
    parser = _Parser(
        prog=f"rnnlab {verb}",
        description=module.__doc__,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout, the rest on stderr")
    module.add_arguments(parser)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as everything here does."""

    def error(self, message: str) -> NoReturn:
        raise RequestError(f"{self.prog}: {message}; `{self.prog} --help` shows what is possible")


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return DONE
    if words[0] == "--version":
        import rnnlab

        print(f"rnnlab {rnnlab.__version__}")
        return DONE
    verb, *rest = words
    known = verbs()
    if verb not in known:
        raise RequestError(f"rnnlab {verb}: no such verb; there are {', '.join(known)}{did_you_mean(verb, known)}")
    module = verb_module(verb)
    arguments = verb_parser(verb, module).parse_intermixed_args(rest)
    outcome: Outcome = module.run(arguments, Console(arguments.json))
    if arguments.json:
        print(json.dumps(outcome.data))
    return outcome.exit_code


def _help() -> str:
    known = verbs()
    width = max(map(len, known))
    lines = [f"  {verb.ljust(width)}  {line}" for verb, line in known.items()]
    return "\n".join(
        [
            "usage: rnnlab VERB ...    (`rnnlab VERB --help` says more, with examples; --json works with every verb)",
            "",
            *lines,
        ]
    )


def _failed(error: Exception | str, exit_code: int, in_json: bool) -> int:
    line = " ".join(str(error).splitlines())
    print(f"rnnlab: {line}" if exit_code != INTERRUPTED else line, file=sys.stderr)
    if in_json:
        print(json.dumps({"error": line}))
    return exit_code
