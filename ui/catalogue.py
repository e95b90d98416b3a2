"""The words of the pages: one YAML file a language, by dotted key; registries name the levers and the figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from model import Group, Indicator, read_document
from model.entries import Control, Lever, Range, View
from scenarios import Words

FOLDER = Path(__file__).parent / "translations"
Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}  # the names of languages on the web


@dataclass(frozen=True)
class Catalogue:
    """The words of one language: `catalogue("lab.title")`, with values for the places in braces."""

    language: Language
    entries: Mapping[str, str]
    units: Mapping[str, str]
    constants: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The words under `key`; KeyError, naming the file, where the language lacks them."""
        try:
            return self.entries[key].format(**values)
        except KeyError as error:
            raise KeyError(f"{FOLDER.name}/{self.language}.yaml, {key}: nothing under {error}") from None

    def counted(self, key: str, count: int, **values: object) -> str:
        """The words under `key` for one of something, or for another number of it, which is their `count`."""
        kind = "one" if count == 1 else "many"
        return self(f"{key}.{kind}", count=self.number(count, 0), **values)

    def name(self, entry: Indicator | Control | Group | Range | View | Words) -> str:
        """What a registry or a scenario calls an entry in this language."""
        return entry.zh if self.language == "zh" else entry.en

    def constant(self, name: str) -> str:
        """What readers call a constant of the model file, 'Name' or 'Name[a,b]'; in English its own name."""
        if self.language == "en":
            return name
        base, _, elements = name.rstrip("]").partition("[")
        called = [self.constants.get(f"elements.{element}", element) for element in elements.split(",") if element]
        return self.constants.get(f"constants.{base}", base) + (f"（{'、'.join(called)}）" if called else "")

    def help(self, control: Control) -> str:
        """The sentence that explains a lever or an assumption."""
        return control.help_zh if self.language == "zh" else control.help_en

    def cost(self, lever: Lever) -> str:
        """Who pays for a lever, and what of it is counted; '' where nothing is said."""
        return (lever.cost_zh if self.language == "zh" else lever.cost_en) or ""

    def unit(self, entry: Indicator | Control) -> str:
        """The unit as a reader expects it: the registry's in Chinese, spelled out in English."""
        return entry.unit_zh if self.language == "zh" else self.units.get(f"{entry.unit}.label", entry.unit)

    def scale(self, indicator: Indicator) -> float:
        """What a figure is multiplied by to stand in this language's unit: 亿元 are read as billions in English."""
        return 1.0 if self.language == "zh" else float(self.units.get(f"{indicator.unit}.factor", 1))

    def decimals(self, indicator: Indicator) -> int:
        """Decimals of a figure in this language's unit."""
        return max(0, indicator.decimals - round(math.log10(self.scale(indicator))))

    def figure(self, indicator: Indicator, value: float | None, sign: bool = False) -> str:
        """A figure of the registry's unit as this language writes it; a dash where there is none."""
        if value is None or math.isnan(value):
            return "–"
        text = self.number(value * self.scale(indicator), self.decimals(indicator))
        if float(text.replace(",", "")) == 0:
            return text.removeprefix("-")
        return f"+{text}" if sign and value > 0 else text

    def number(self, value: float, decimals: int) -> str:
        """A figure with its thousands parted as the language does it."""
        return f"{value:,.{decimals}f}" if self.language == "en" else f"{value:.{decimals}f}"


@cache
def catalogue(language: Language) -> Catalogue:
    """Read the words of a language."""
    entries, units, constants = (
        dict(_entries(FOLDER / f"{name}.yaml")) for name in (language, "units_en", "constants_zh")
    )
    return Catalogue(language, entries, units, constants)


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    document = read_document(path)
    if document.faults:
        raise ValueError("\n".join(map(str, document.faults)))
    return _flat(document.data)


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)
