"""Who may import whom, what stays free of torch, and where a program may print or end.

An import counts wherever it stands, in a function too; imports for type checkers only do not count.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

LEAVES = "errors config tracking devices statistics"
TRAINING = f"{LEAVES} data scores models training probes sweep.base experiment parts"
RUNNING = f"{TRAINING} train rerun export sweep"
READING = f"{LEAVES} analysis studies report"

# layer -> the other layers it may import. A module belongs to the longest name that it starts with.
MAY_IMPORT = {
    # leaves: no rnnlab but the two kinds of error and the schema that every Config shares
    "errors": "",
    "config": "errors",
    "tracking": "errors config",
    "devices": "",
    "statistics": "errors",
    # running
    "data": LEAVES,
    "scores": LEAVES,  # how good an answer is
    "models": f"{LEAVES} data scores",
    "training": f"{LEAVES} data models",
    "probes": f"{LEAVES} data models describe report",  # their pages look as reports do
    "checks": f"{LEAVES} data models",  # what every cell must do
    "describe": f"{LEAVES} data models report",  # what a cell is; its pages look as reports do
    "sweep.base": LEAVES,  # the settings of a sweep are a field of Experiment
    "experiment": f"{LEAVES} data models training probes sweep.base",
    "parts": f"{LEAVES} data models training experiment",
    "train": TRAINING,
    "rerun": f"{TRAINING} train",  # a run that is there already: resume, reproduce, load
    "export": f"{TRAINING} train rerun",
    "features": LEAVES,  # what is true at each character of a text
    "evaluation": f"{TRAINING} report",  # a trained run on a whole part of its data
    "inside": f"{TRAINING} train rerun features report",  # what units do; its pages look as reports do
    "sweep": f"{TRAINING} train",
    # reading: tracking only
    "analysis": LEAVES,
    "studies": f"{LEAVES} analysis",
    "report": f"{LEAVES} analysis studies",
    # both sides
    "bench": f"{RUNNING} {READING} features inside",
    "lessons": f"{RUNNING} {READING} describe inside",
    "cli": f"{RUNNING} {READING} checks describe features inside evaluation lessons bench",
    "__main__": "cli",  # python -m rnnlab
    "hydra_plugins": "sweep",
}

# Importing one of these costs a second or more.
TORCH = {"torch", "torchmetrics", "pytorch_lightning", "lightning"}
SERVICES = {"mlflow", "ray"}
LIGHTNING_MODULE = "rnnlab.training.module"  # its class is a LightningModule
# Layers without any torch; and those whose modules can be imported without it.
FREE_OF_TORCH = ("errors", "config", "tracking", "devices", "statistics", "features", "analysis", "studies", "report")
LIGHT_TO_IMPORT = (*FREE_OF_TORCH, "cli", "hydra_plugins")


@dataclass(frozen=True)
class Import:
    """``importer`` names ``imported``, at its top level or inside a function."""

    importer: str
    imported: str
    at_top: bool
    line: int

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


def name_of(path: Path) -> str:
    """``rnnlab/config/__init__.py`` is ``rnnlab.config``."""
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {name_of(path): path for folder in ("rnnlab", "hydra_plugins") for path in (CHECKOUT / folder).rglob("*.py")}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}


def nodes(tree: ast.AST, at_top: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    """Every node below ``tree`` that runs, and whether it runs when the module is imported."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child, at_top
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from nodes(child, at_top and not inside)


def imported_names(node: ast.AST) -> Iterator[str]:
    """Modules that an import statement names; of ``from a import b`` the module ``a.b`` if it is one."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        for alias in node.names:
            longer = f"{node.module}.{alias.name}"
            yield longer if longer in SOURCES else str(node.module)


def imports() -> list[Import]:
    return [
        Import(importer, imported, at_top, node.lineno)
        for importer, tree in TREES.items()
        for node, at_top in nodes(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for imported in imported_names(node)
    ]


def layer(module: str) -> str | None:
    """The layer of a module; None for the package's own ``__init__``, which everybody may name."""
    name = module.removeprefix("rnnlab.")
    fitting = [known for known in MAY_IMPORT if name == known or name.startswith(f"{known}.")]
    return max(fitting, key=len, default=None)


def package_of(name: str) -> str:
    return name.split(".")[0]


def test_each_module_has_a_place_in_the_table() -> None:
    assert not [name for name in SOURCES if layer(name) is None and name != "rnnlab"]


def test_imports_follow_the_arrows() -> None:
    against = []
    for found in imports():
        if package_of(found.imported) not in ("rnnlab", "hydra_plugins"):
            continue
        source, target = layer(found.importer), layer(found.imported)
        if source is None or target is None or target == source:
            continue
        if target not in MAY_IMPORT[source].split():
            against.append(str(found))
    assert not against


def test_the_table_has_no_circles() -> None:
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        ready = {name for name, below in MAY_IMPORT.items() if set(below.split()) <= done} - done
        assert ready, f"these import each other: {sorted(MAY_IMPORT.keys() - done)}"
        done |= ready


@pytest.mark.parametrize("name", FREE_OF_TORCH)
def test_no_torch_in(name: str) -> None:
    found = [str(i) for i in imports() if layer(i.importer) == name and package_of(i.imported) in TORCH]
    assert not found


def test_services_are_imported_only_where_they_are_used() -> None:
    assert not [str(found) for found in imports() if found.at_top and package_of(found.imported) in SERVICES]


def test_lightning_waits_behind_its_one_module() -> None:
    """Listing the options of a group imports their modules: Lightning alone would cost three seconds."""
    heavy = (TORCH - {"torch"}) | {LIGHTNING_MODULE}
    found = [i for i in imports() if i.at_top and {i.imported, package_of(i.imported)} & heavy]
    assert not [str(i) for i in found if i.importer != LIGHTNING_MODULE]


def test_light_modules_import_nothing_heavy() -> None:
    """What the table cannot see: an import that comes along through another package."""
    light = sorted(name for name in SOURCES if name == "rnnlab" or layer(name) in LIGHT_TO_IMPORT)
    code = "import sys, importlib\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    process = [sys.executable, "-c", code, *light]
    done = subprocess.run(process, cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert not (TORCH | SERVICES) & loaded


def ends_or_prints(node: ast.AST) -> bool:
    if isinstance(node, ast.Raise) and node.exc is not None:
        return ast.unparse(node.exc).startswith("SystemExit")
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    return called in {"print", "sys.exit", "exit", "quit", "sys.stdout.write"}


def test_only_the_command_line_prints_or_exits() -> None:
    found = [
        f"{name}:{node.lineno} {ast.unparse(node)}"
        for name, tree in TREES.items()
        if layer(name) not in ("cli", "__main__")
        for node, _ in nodes(tree)
        if ends_or_prints(node)
    ]
    assert not found
