"""The words of the pages: one YAML file a language, by dotted key; registries name the levers and the figures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from innovation.model import Control, Group, Indicator, Lever, LeverRange, SwitchView
from innovation.model.files import Language, Messages, read_messages, read_texts
from innovation.scenarios import Words

FOLDER = Path(__file__).parents[1] / "translations"
LANGUAGES: tuple[Language, ...] = ("zh", "en")  # as the page offers them
TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}  # as browsers know them


@dataclass(frozen=True)
class Catalogue(Messages):
    """The words of one language, and what its readers call units and constants of the model file."""

    units: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def counted(self, key: str, count: int, **values: object) -> str:
        """The words under `key` for one of something, or for another number of it, which is their `count`."""
        kind = "one" if count == 1 else "many"
        return self(f"{key}.{kind}", count=self.number(count, 0), **values)

    def name(self, entry: Indicator | Control | Group | LeverRange | SwitchView | Words) -> str:
        """What a registry or a scenario calls an entry in this language."""
        return entry.zh if self.language == "zh" else entry.en

    def constant(self, name: str) -> str:
        """What readers call a constant of the model file, 'Name' or 'Name[a,b]'; in English its own name."""
        if self.language == "en":
            return name
        base, _, elements = name.rstrip("]").partition("[")
        called = [self.constants.get(f"elements.{element}", element) for element in elements.split(",") if element]
        of = self("app.elements", elements=self("app.between").join(called)) if called else ""
        return self.constants.get(f"constants.{base}", base) + of

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
    words = read_messages(FOLDER / f"{language}.yaml", language)
    units = read_texts(FOLDER / "units_en.yaml") if language == "en" else {}
    constants = read_texts(FOLDER / "constants_zh.yaml") if language == "zh" else {}
    return Catalogue(words.file, language, words.entries, units=units, constants=constants)
