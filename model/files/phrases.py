"""Sentences by their code: what they quote is kept as values, and both languages are written from the two.

A code names a package and an entry of the faults.yaml in its folder, where the words stand in English and in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import Any, Literal, Union

import yaml

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

WORDS, REMEDY = "faults.yaml", " | "  # parts what is wrong from what to do
LONGEST_QUOTE, LONGEST = 60, 500
Value = Union[str, float, "Phrase", "Term", "Both", tuple["Value", ...], None]
Values = tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Phrase:
    """Words with values for their places in braces; as a text it is English."""

    code: str
    values: Values = ()

    def said(self, language: Language) -> str:
        """The words in a language, without what they advise to do."""
        return in_words(self.code, self.values, language)[0]

    def __str__(self) -> str:
        return self.said("en")


@dataclass(frozen=True)
class Term:
    """A word of the house's own, in English as it stands: in Chinese what terms of its kind have for it, else itself.

    `kind` is written as a code is: "model.unit".
    """

    kind: str
    text: str

    def said(self, language: Language) -> str:
        """The word in a language."""
        package, _, kind = self.kind.partition(".")
        return self.text if language == "en" else words_of(package)["terms"][kind].get(self.text, self.text)


@dataclass(frozen=True)
class Both:
    """Words that a file of the city has in both languages."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        """The words in a language."""
        return self.zh if language == "zh" else self.en


def phrase(code: str, /, **values: Value) -> Phrase:
    """The words under a code, with a value for each of their places; a text is cut at LONGEST."""
    return Phrase(code, bounded(values))


def bounded(values: Mapping[str, Value]) -> Values:
    """Values whose texts are cut where they are longer than a message can carry."""
    return tuple((name, shortened(one, LONGEST) if isinstance(one, str) else one) for name, one in values.items())


def shortened(text: str, most: int = LONGEST_QUOTE) -> str:
    """Cut `text` to a length that a message can carry."""
    return text if len(text) <= most else text[: most - 1] + "…"


def either(names: Iterable[object]) -> Value:
    """A choice: 'a, b or c'."""
    *first, last = map(str, names)
    return phrase("model.either", names=tuple(first), last=last) if first else last


def chained(code: str, parts: Iterable[Value]) -> Value:
    """Parts joined by the words under a code, which has places for `one` and `other`."""
    return reduce(lambda one, other: phrase(code, one=one, other=other), parts)


def in_words(code: str, values: Values, language: Language) -> tuple[str, str]:
    """What is said under a code in a language, and what is advised, or ''; KeyError where words or a value lack."""
    package, _, name = code.partition(".")
    try:
        said, _, advised = words_of(package)[name][language].partition(REMEDY)
        written = {place: _said(value, language) for place, value in values}
        return said.format(**written), advised.format(**written)
    except KeyError as error:
        raise KeyError(f"{package}/{WORDS}, {name}: nothing under {error}") from None


def _said(value: Value, language: Language) -> object:
    if isinstance(value, Phrase | Term | Both):
        return value.said(language)
    if isinstance(value, tuple):
        return in_words("model.between", (), language)[0].join(str(_said(part, language)) for part in value)
    return value


@cache
def words_of(package: str) -> Mapping[str, Mapping[str, Any]]:
    """All that a package says, by name and language, and its terms; KeyError where no package has this name."""
    file = Path(__file__).parents[2] / package / WORDS
    if not file.is_file():
        raise KeyError(package)
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every value is a text; `documents` would be a circle
    words: Mapping[str, Mapping[str, Any]] = yaml.load(file.read_text(encoding="utf-8"), loader)
    return words
