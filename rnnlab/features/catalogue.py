"""Which features there are, and the labels that they give to a text.

Every Feature in a module of this package is one, and every Feature in a module of a plug-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import ModuleType

import numpy as np

from rnnlab.config.plugins import import_module, plugin_modules
from rnnlab.config.source import module_files
from rnnlab.errors import RequestError, did_you_mean
from rnnlab.features.base import Feature, Kind, Source

PACKAGE = "rnnlab.features"


def known_features(plugins: Sequence[str] = ()) -> dict[str, Feature]:
    """All features by name: rnnlab's own in the order of their modules, then those of plug-ins.

    RequestError for a plug-in that does not import, or one whose feature has a name that is taken.
    """
    found: dict[str, Feature] = {}
    add(found, [import_module(name, PACKAGE) for name, _ in module_files(PACKAGE)])
    for plugin in plugins:
        add(found, plugin_modules(plugin))
    return found


def features_for(source: Source, names: Sequence[str] = (), plugins: Sequence[str] = ()) -> list[Feature]:
    """The features of those names, or all that suit the text's language.

    RequestError for a name that no feature has, or one whose feature is for other languages.
    """
    known = known_features(plugins)
    suiting = {name: feature for name, feature in known.items() if feature.suits(source.language)}
    for name in names:
        if name not in known:
            raise RequestError(
                f"--feature {name}: no such feature; there are {', '.join(suiting)}{did_you_mean(name, suiting)}"
            )
        if name not in suiting:
            languages = ", ".join(language.value for language in known[name].languages)
            raise RequestError(
                f"--feature {name}: it is a feature of {languages}, and the text is read as {source.language.value};"
                " say --language where that is wrong"
            )
    return [suiting[name] for name in dict.fromkeys(names)] if names else list(suiting.values())


def labels(
    source: Source,
    features: Sequence[Feature],
    asked: Sequence[str] = (),
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, np.ndarray]:
    """The labels of each feature by name, (N,): bool, or float32 for a number.

    A feature that is the same all over the text is left out, and ``say`` is told; RequestError where its name
    is among those ``asked`` for.
    """
    found = {feature.name: feature.of(source) for feature in features}
    for feature in features:
        reason = emptiness(feature, found[feature.name])
        if reason is None:
            continue
        line = f"feature {feature.name}: {reason} in these {len(source)} characters ({feature.about})"
        if feature.name in asked:
            raise RequestError(f"--{line}; ask for another, or for a text that has it")
        say(f"left out: {line}")
        del found[feature.name]
    return found


def emptiness(feature: Feature, labels_N: np.ndarray) -> str | None:
    """Why nothing can be told of a feature in a text; None where something can."""
    if feature.kind is Kind.binary:
        if not labels_N.any():
            return "never true"
        return "true everywhere" if labels_N.all() else None
    values = labels_N[np.isfinite(labels_N)]
    if len(values) == 0:
        return "never asked"
    return f"always {values[0]:g}" if values.min() == values.max() else None


def add(found: dict[str, Feature], modules: Iterable[ModuleType]) -> None:
    """Add what modules define themselves. A feature that is there already is added once."""
    for module in modules:
        for feature in vars(module).values():
            if not isinstance(feature, Feature) or found.get(feature.name) is feature:
                continue
            if feature.name in found:
                raise RequestError(
                    f"feature {feature.name} of {feature.module}: {found[feature.name].module} has one of that name;"
                    " give it another"
                )
            found[feature.name] = feature
