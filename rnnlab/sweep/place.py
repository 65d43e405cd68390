"""Where the configurations of a sweep are composed from, in the driver and in each worker alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rnnlab.config import overrides as grammar
from rnnlab.config.compose import Composed, compose, part_settings
from rnnlab.config.recipes import PRIMARY
from rnnlab.errors import RequestError


@dataclass(frozen=True, slots=True)
class Place:
    """Hydra's --config-dir and --config-name."""

    config_dir: str | None = None
    config_name: str = PRIMARY

    def compose(self, overrides: Iterable[str], where: str = "") -> Composed:
        """``rnnlab.config.compose.compose`` of these overrides; ``where`` ends the line of an error."""
        try:
            return compose(list(overrides), self.config_dir, self.config_name)
        except RequestError as error:
            raise RequestError(f"{error} ({where})" if where else str(error)) from error

    def settings(self, overrides: Iterable[str]) -> set[str]:
        """The dotted keys that a configuration with the parts among these overrides has."""
        return set(part_settings(grammar.parse(list(overrides)), self.config_dir, self.config_name))

    def options(self, group: str) -> list[str]:
        """All that may follow ``group=``."""
        return grammar.choices(group, self.config_dir)
