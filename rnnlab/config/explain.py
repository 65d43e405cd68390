"""What Hydra and OmegaConf say in up to eleven lines, in one: where, what was given, what is possible."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

import yaml
from hydra.errors import MissingConfigException

from rnnlab.config.groups import RECIPE
from rnnlab.errors import RequestError, did_you_mean

FULL_KEY = re.compile(r"full_key: (\S+)")
UNKNOWN_KEY = re.compile(r"Key '([^']*)' (?:is )?not in '|Could not override '([^']*)'")
IN_FILE = re.compile(r"^In '([^']+)': ")
OVERRIDE = re.compile(r"^Error merging override (.*)")
NOT_A = re.compile(r"Value (.*) of type '\w+' could not be converted to (\w+)", re.DOTALL)
NOT_ONE_OF = re.compile(r"Invalid value (.*), expected one of \[(.*)\]")
NO_GROUP = re.compile(r"is not a subclass of \w+\. value: (.*)")
NO_OPTION = re.compile(r"Could not find '(\w+)/([^']+)'")
NO_BOOLEAN = re.compile(r"Value (.*) is not a valid bool")
SAYINGS = {"is not Optional": "null is not possible here", "is not a ListConfig": "a list is needed, as [1,2]"}
KINDS = {"Integer": "a whole number", "Float": "a number", "Boolean": "true or false", "String": "a text"}


def explain(error: Exception, overrides: list[str], settings: Callable[[], list[str]]) -> RequestError:
    """One line for an error of composition.

    ``overrides`` is what was given, to name the one at fault. ``settings`` gives the full keys of all
    settings there are, for the nearest to an unknown one; it is only asked then: it composes again.
    """
    texts = [str(each) for each in _chain(error)]
    if isinstance(error, yaml.YAMLError):
        return RequestError(" ".join(texts[0].split()))
    if isinstance(error, MissingConfigException):
        return RequestError(_not_found(texts[0], overrides))
    key = next((found[1] for text in texts if (found := FULL_KEY.search(text))), "")
    where = _where(texts[0], key, overrides)
    asked = where.partition("=")[0].lstrip("+")
    if key.startswith("hydra."):
        return RequestError(f"{where}: Hydra has no such setting; `rnnlab train --hydra-help` names them")
    if key == RECIPE:
        return RequestError(f"{where}: it must begin with the line '# @package _global_'")
    if any(UNKNOWN_KEY.search(text) for text in texts):
        return RequestError(unknown_setting(where, key, settings()))
    if asked.startswith(f"{key}."):
        return RequestError(unknown_setting(where, asked, settings()))
    reason = _reason(texts[-1])
    if asked == key or not key:
        return RequestError(f"{where}: {reason}" if where else reason)
    return RequestError(f"{where}: {key}: {reason}" if where else f"{key}: {reason}")


def unknown_setting(where: str, key: str, settings: list[str]) -> str:
    """The line for a setting that does not exist: what there is beside it, and the nearest full key."""
    parent = key.rpartition(".")[0]
    while parent and not any(known.startswith(f"{parent}.") for known in settings):
        parent = parent.rpartition(".")[0]
    start = f"{parent}." if parent else ""
    beside = {known.removeprefix(start).partition(".")[0] for known in settings if known.startswith(start)}
    near = nearest(key, settings)
    hint = f" (did you mean '{near}'?)" if near else ""
    listed = f"{parent or 'an experiment'} has {', '.join(sorted(beside))}"
    return f"{where}: no such setting '{key}'; {listed}{hint}"


def nearest(key: str, settings: list[str]) -> str | None:
    """The existing full key that is nearest: of the same last word, else its abbreviation
    (lr for learning_rate), else alike within its part, else alike anywhere."""
    parent, _, last = key.rpartition(".")
    same_word = [known for known in settings if known.rpartition(".")[2] == last]
    if same_word:
        return same_word[0]
    initials = "".join(word[:1] for word in last.split("_"))
    if f"{parent}.{initials}" in settings:
        return f"{parent}.{initials}"
    siblings = {known.rpartition(".")[2]: known for known in settings if known.rpartition(".")[0] == parent}
    if close := difflib.get_close_matches(last, siblings, n=1, cutoff=0.6):
        return siblings[close[0]]
    words = {known.rpartition(".")[2]: known for known in settings}
    if close := difflib.get_close_matches(last, words, n=1, cutoff=0.75):
        return words[close[0]]
    return next(iter(difflib.get_close_matches(key, settings, n=1, cutoff=0.6)), None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _where(text: str, key: str, overrides: list[str]) -> str:
    """The override or the recipe in which the error lies; the key alone where neither is known."""
    if found := OVERRIDE.match(text):
        return found[1]
    if found := IN_FILE.match(text):
        return f"{found[1]}.yaml"
    return next((given for given in overrides if given.partition("=")[0].lstrip("+") == key), key)


def _reason(text: str) -> str:
    if found := NOT_A.search(text):
        return f"{found[1]} is not {KINDS.get(found[2], found[2])}"
    if found := NOT_ONE_OF.search(text):
        given, possible = found[1].strip("'"), found[2].split(", ")
        near = nearest(given, possible)
        hint = f" (did you mean '{near}'?)" if near else ""
        return f"{given!r} is not one of {', '.join(possible)}{hint}"
    if found := NO_BOOLEAN.search(text):
        return f"{found[1]} is not {KINDS['Boolean']}"
    if found := NO_GROUP.search(text):
        return f"{found[1]} is no value for a group of settings; give its settings one by one"
    for sign, reason in SAYINGS.items():
        if sign in text:
            return reason
    lines = [line for line in text.splitlines() if not IN_FILE.match(line)]
    return lines[0] if lines else text


def _not_found(text: str, overrides: list[str]) -> str:
    """A missing recipe or primary config, with the options that Hydra lists on indented lines.

    Options of the command line were looked up before: what is missing was named by a file.
    """
    head, _, rest = text.partition("\n")
    possible = re.findall(r"^\t(\S+)$", rest.partition("Config search path")[0], re.MULTILINE)
    listed = f"; there are {', '.join(possible)}" if possible else ""
    recipe = next((given for given in reversed(overrides) if given.startswith(f"{RECIPE}=")), None)
    if recipe is not None and (found := NO_OPTION.search(head)):
        head = f"{recipe.replace('=', '/')}.yaml: no such {found[1]}: {found[2]}"
        return f"{head}{listed}{did_you_mean(found[2], possible)}"
    return f"{head.rstrip('.')}{listed}"
