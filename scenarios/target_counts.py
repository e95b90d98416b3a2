"""How many targets are met by kind and how many cannot be judged, counted and written in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model import City, Language
from model.entries import TargetKind

from .words import section

KINDS: tuple[TargetKind, ...] = ("result", "count", "input")
WORDS = section("target_counts")


@dataclass(frozen=True)
class Count:
    """How many targets of how many are met, or are expected to be."""

    met: float
    of: int


@dataclass(frozen=True)
class Counts:
    """The targets that are met by kind (those that there are, results first), and how many cannot be judged."""

    kinds: Mapping[TargetKind, Count]
    unjudged: int

    @property
    def all(self) -> Count:
        """Of all kinds together."""
        return Count(sum(count.met for count in self.kinds.values()), sum(count.of for count in self.kinds.values()))


def count_targets(city: City, met: Mapping[str, float]) -> Counts:
    """Counts of the targets that can be judged, from which are met, or from the chance of each, by id."""
    by_kind = {
        kind: [met[name] for name, target in city.judgeable.items() if target.kind == kind and name in met]
        for kind in KINDS
    }
    kinds = {kind: Count(float(sum(values)), len(values)) for kind, values in by_kind.items() if values}
    return Counts(kinds, len(city.targets) - len(city.judgeable))


def all_met(counts: Counts, decimals: int, language: Language) -> str:
    """'9.4 of 34'; decimals are 1 for what is expected and 0 for a run's own count."""
    return WORDS[language]("all", **_written(counts.all, decimals))


def kinds_met(counts: Counts, decimals: int, language: Language) -> str:
    """'results 5.2 of 21 · counts 2.1 of 9 · inputs 2.1 of 4'."""
    return " · ".join(
        WORDS[language]("part", kind=kind_name(kind, language), **_written(count, decimals))
        for kind, count in counts.kinds.items()
    )


def kind_name(kind: TargetKind, language: Language) -> str:
    """What targets of a kind are called together: 'results'."""
    return WORDS[language](f"kind.{kind}")


def kinds_told(counts: Counts, decimals: int, language: Language) -> str:
    """The same with '; two cannot be judged' where some cannot."""
    return kinds_met(counts, decimals, language) + unjudged_text(counts, language)


def unjudged_text(counts: Counts, language: Language) -> str:
    """What follows a count of targets where some cannot be judged: '; two cannot be judged', else ''."""
    words, count = WORDS[language], counts.unjudged
    numbers = words("numbers").split()
    number = numbers[count] if count < len(numbers) else str(count)
    return words("one" if count == 1 else "many", unjudged=number) if count else ""


def why_unjudged(city: City, name: str, language: Language) -> str:
    """Why nobody can say whether a target is met, as a sentence; '' where it can be judged."""
    target, indicator = city.targets[name], city.indicators[name]
    label, why = (indicator.zh, target.no_base_zh) if language == "zh" else (indicator.en, target.no_base_en)
    return WORDS[language]("why", name=label, why=why) if why else ""


def all_unjudged(city: City, language: Language) -> list[str]:
    """Such a sentence for each target that cannot be judged."""
    return [told for name in city.targets if (told := why_unjudged(city, name, language))]


def counts_json(counts: Counts) -> dict[str, Any]:
    """The counts as plain data: of all and of each kind met and of, and how many cannot be judged."""
    each = {kind: {"met": count.met, "of": count.of} for kind, count in counts.kinds.items()}
    return {"met": counts.all.met, "of": counts.all.of, "kinds": each, "unjudged": counts.unjudged}


def _written(count: Count, decimals: int) -> dict[str, str]:
    return {"met": f"{count.met:.{decimals}f}", "of": str(count.of)}
