"""Components read as text: names, summaries and settings out of the source files, nothing imported.

``rnnlab ls``, ``--help`` and shell completion stand on this: importing one cell would import torch.
A class counts as a component of a group when its bases, followed by name through the files of the
package, lead to the group's base. The registry checks the same with the real classes when it loads one.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rnnlab.config.groups import DEFAULT, GROUPS, Group
from rnnlab.errors import RequestError

PACKAGE_FOLDER = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class WrittenClass:
    """A class as its source file has it.

    summary  the first line of its module's docstring, else of its own
    fields   the names of its own nested ``Config``
    """

    name: str
    module: str
    file: Path
    bases: tuple[str, ...]
    abstract: bool
    summary: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a group: ``cell=lstm`` is Option("cell", "lstm", ...)."""

    group: str
    name: str
    written: WrittenClass


@cache
def options(group: Group) -> dict[str, Option]:
    """The built-in options of a group by name, in alphabetical order."""
    base = _written_in(group.base_module, _file_of(group.base_module))
    if group.package is None:
        (only,) = (c for c in base if c.name == group.base_class)
        return {DEFAULT: Option(group.name, DEFAULT, only)}
    return _options_among(group, package_classes(group.package), {})


def plugin_options(group: Group, plugin: str) -> dict[str, Option]:
    """The options that a plug-in's files add to a group."""
    built_in = package_classes(group.package) if group.package is not None else []
    return _options_among(group, module_classes(plugin), {c.name: c for c in built_in})


def settings(option: Option) -> list[str]:
    """Names of the fields of an option's Config, those of its parents first."""
    group = GROUPS[option.group]
    known = {c.name: c for c in _written_in(group.base_module, _file_of(group.base_module))}
    if group.package is not None:
        known |= {c.name: c for c in package_classes(group.package)}
    line = [option.written]
    while parent := next((known[b] for b in line[-1].bases if b in known), None):
        line.append(parent)
    return list(dict.fromkeys(name for written in reversed(line) for name in written.fields))


def root_settings() -> list[str]:
    """Names of the fields of the root class that are no groups: seed, threads, device, ..."""
    tree = ast.parse((PACKAGE_FOLDER / "experiment.py").read_text(encoding="utf-8"))
    root = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Experiment")
    return [name for name in _field_names(root) if name not in GROUPS]


def package_classes(package: str) -> list[WrittenClass]:
    """The classes of the modules that lie directly in one of rnnlab's own packages."""
    files = sorted(_file_of(package).parent.glob("*.py"))
    return [c for file in files if file.stem != "__init__" for c in _written_in(f"{package}.{file.stem}", file)]


def module_classes(name: str) -> list[WrittenClass]:
    """The classes of a plug-in: a module, or a package with everything below it."""
    return [written for module, file in module_files(name) for written in _written_in(module, file)]


def module_files(name: str) -> list[tuple[str, Path]]:
    """(module name, file) of a module or of all modules of a package. RequestError where it is not found."""
    try:
        spec = importlib.util.find_spec(name)
    except (ModuleNotFoundError, ValueError):
        spec = None
    if spec is None or (spec.origin is None and not spec.submodule_search_locations):
        raise RequestError(
            f"plugins=[{name}]: no module or package of that name in the working directory or among what is installed"
        )
    if not spec.submodule_search_locations:
        return [(name, Path(str(spec.origin)))]
    return [found for place in spec.submodule_search_locations for found in _files_below(name, Path(place))]


def first_line(docstring: str | None) -> str:
    """The first line of a docstring, or an empty string."""
    return docstring.strip().splitlines()[0].strip() if docstring and docstring.strip() else ""


def _files_below(package: str, folder: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        names = parts[:-1] if parts[-1] == "__init__" else parts
        yield ".".join((package, *names)), file


def _options_among(group: Group, written: Iterable[WrittenClass], known: dict[str, WrittenClass]) -> dict[str, Option]:
    classes = list(written)
    by_name = known | {c.name: c for c in classes}
    found: dict[str, Option] = {}
    for c in classes:
        if c.module != group.base_module and not c.abstract and _descends(c, group.base_class, by_name):
            name = c.module.rpartition(".")[2]
            found[name] = Option(group.name, name, c)
    return dict(sorted(found.items()))


def _descends(written: WrittenClass, base: str, by_name: dict[str, WrittenClass]) -> bool:
    """Whether the bases of a class lead to ``base``; a class whose base has its own name ends the walk."""
    if base in written.bases:
        return True
    parents = (by_name[name] for name in written.bases if name in by_name and name != written.name)
    return any(_descends(parent, base, by_name) for parent in parents)


def _file_of(module: str) -> Path:
    """The file of one of rnnlab's own modules or packages."""
    place = PACKAGE_FOLDER.joinpath(*module.split(".")[1:])
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


@cache
def _written_in(module: str, file: Path) -> tuple[WrittenClass, ...]:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise RequestError(f"{file}: cannot be read as Python: {error}") from error
    aliases = {
        name.asname: name.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.asname
    }
    about = first_line(ast.get_docstring(tree))
    return tuple(_written(n, module, file, aliases, about) for n in tree.body if isinstance(n, ast.ClassDef))


def _written(node: ast.ClassDef, module: str, file: Path, aliases: dict[str, str], about: str) -> WrittenClass:
    names = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    bases = tuple(aliases.get(name, name) for name in names)
    config = next((n for n in node.body if isinstance(n, ast.ClassDef) and n.name == "Config"), None)
    abstract = node.name.startswith("_") or "ABC" in bases or any(map(_is_abstract, node.body))
    summary = about or first_line(ast.get_docstring(node))
    fields = tuple(_field_names(config)) if config is not None else ()
    return WrittenClass(node.name, module, file, bases, abstract, summary, fields)


def _is_abstract(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        ast.unparse(decorator).endswith("abstractmethod") for decorator in node.decorator_list
    )


def _field_names(node: ast.ClassDef) -> list[str]:
    return [
        n.target.id
        for n in node.body
        if isinstance(n, ast.AnnAssign)
        and isinstance(n.target, ast.Name)
        and "ClassVar" not in ast.unparse(n.annotation)
    ]
