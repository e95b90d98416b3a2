"""Words for people in two languages: one YAML file a language, by dotted key, read when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from .phrases import Language
from .yaml_documents import read_document


@dataclass(frozen=True)
class Messages:
    """Words of one language, `messages("title")`, with values for the places in braces.

    `section` is what stands before each key that is asked for: 'costs.', or '' of the whole file.
    """

    file: Path
    language: Language
    entries: Mapping[str, str]
    section: str = ""

    def __call__(self, key: str, /, **values: object) -> str:
        """The words under `key`; KeyError, naming the file, where it lacks them or nothing is given for a place."""
        try:
            return self.entries[self.section + key].format(**values)
        except KeyError as error:
            where = f"{self.file.parent.name}/{self.file.name}, {self.section}{key}"
            raise KeyError(f"{where}: nothing under {error}") from None

    def get(self, key: str, default: str) -> str:
        """The words under `key`, or `default` where there are none."""
        return self.entries.get(self.section + key, default)


@dataclass(frozen=True)
class Wording:
    """A section of the words in a folder, by language; a file is read when its language is first asked for."""

    folder: Path
    section: str

    def __getitem__(self, language: Language) -> Messages:
        """The section's words in one language; ValueError with all that is wrong where the file cannot be read."""
        return replace(read_messages(self.folder / f"{language}.yaml", language), section=f"{self.section}.")


@cache
def read_messages(file: Path, language: Language) -> Messages:
    """All words of a file, read once; ValueError with all that is wrong where it cannot be read."""
    return Messages(file, language, read_texts(file))


def read_texts(file: Path) -> dict[str, str]:
    """Texts of a YAML file by dotted key; ValueError with all that is wrong where it cannot be read."""
    document = read_document(file)
    if document.faults:
        raise ValueError("\n".join(map(str, document.faults)))
    return dict(_flat(document.data))


def _flat(data: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)
