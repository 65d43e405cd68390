"""Complete verbs, parts, settings and runs in the shell: eval "$(rnnlab completion bash)"."""

from __future__ import annotations

import argparse

from rnnlab.cli.console import Console, Outcome

EXAMPLES = ['eval "$(rnnlab completion bash)"', "rnnlab completion zsh >> ~/.zshrc"]

OVERRIDING = ("train", "sweep", "resume")
"""Verbs that take overrides."""

BASH = r"""
_rnnlab_complete() {
    local line="${COMP_LINE:0:COMP_POINT}" word reply
    word="${line##* }"
    COMPREPLY=()
    while IFS= read -r reply; do
        # bash itself keeps what stands before the last "=" of a word
        [[ "$word" == *=* ]] && reply="${reply#"${word%=*}="}"
        COMPREPLY+=("$reply")
    done < <(rnnlab completion words "$line" 2>/dev/null)
}
complete -o nospace -F _rnnlab_complete rnnlab
""".strip()
SCRIPTS = {"bash": BASH, "zsh": f"autoload -U +X bashcompinit && bashcompinit\n{BASH}"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=[*SCRIPTS, "words"], help="the script for a shell; words: what it asks for")
    parser.add_argument("line", nargs="?", default="", help="with words: the line so far")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    if arguments.what != "words":
        script = SCRIPTS[arguments.what]
        if not arguments.json:
            console.say(script)
        return Outcome({"script": script})
    found = complete(arguments.line)
    if not arguments.json:
        console.write("".join(f"{word}\n" for word in found))
    return Outcome({"words": found})


def complete(line: str) -> list[str]:
    """The words that the last one of a line may become; a finished one ends in a space."""
    words = line.split(" ")[1:] or [""]
    last = words[-1]
    if len(words) == 1:
        from rnnlab.cli import verbs

        possible = [f"{verb} " for verb in verbs()]
    elif last.startswith("-"):
        possible = flags(words[0])
    else:
        possible = references(words) if len(words) == 2 else []
        if words[0] in OVERRIDING and not possible:
            possible = overrides(words)
    return sorted(word for word in possible if word.startswith(last))


def flags(verb: str) -> list[str]:
    """The options of a verb that start with a dash."""
    from rnnlab.cli import verb_module, verb_parser, verbs

    if verb not in verbs():
        return []
    parser = verb_parser(verb, verb_module(verb))
    return [f"{flag} " for action in parser._actions for flag in action.option_strings]


def references(words: list[str]) -> list[str]:
    """What stands for a run or a sweep after a verb that wants one."""
    from rnnlab.cli.ls import kinds
    from rnnlab.sweep.presets import presets
    from rnnlab.tracking.folder import runs_root

    verb = words[0]
    if verb == "ls":
        return [f"{kind} " for kind in kinds()]
    if verb == "sweep":
        return [f"{name} " for name in presets()]
    if verb in ("train", "data", "ui", "completion", "bench"):
        return []
    root = runs_root()
    stored = [path.name for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    return [f"{name} " for name in ("last", "best", *stored) if name != "sweeps"]


def overrides(words: list[str]) -> list[str]:
    """``cell=lstm``, the next value of ``cell=elman,``, and the settings of what is chosen so far."""
    from rnnlab.config.groups import CHOSEN, GROUPS
    from rnnlab.config.listing import choices, root_names, setting_names

    last = words[-1]
    group, is_choice, value = last.partition("=")
    if is_choice:
        if group not in CHOSEN:
            return []
        done = value.rpartition(",")[0]
        start = f"{group}={done}," if done else f"{group}="
        return [f"{start}{choice.name}" for choice in choices(group)]
    chosen = dict(word.split("=", 1) for word in words[:-1] if "=" in word)
    group, within, _ = last.partition(".")
    if within:
        return [f"{group}.{name}=" for name in setting_names(group, chosen.get(group))] if group in GROUPS else []
    return [*(f"{name}=" for name in CHOSEN), *(f"{name}." for name in GROUPS), *(f"{n}=" for n in root_names())]
