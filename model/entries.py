"""The formats of the city's registries: one class an entry of parameters, indicators, targets, levers and loops."""

from __future__ import annotations

import re
from dataclasses import replace
from string import Formatter
from typing import Annotated, Literal

from pydantic import Field, model_validator

from .files.phrases import phrase
from .files.validation import Entry
from .formulas import IndicatorFormula, read_formula
from .priors import Prior, read_prior

JUDGEMENT = "judgement"
LONGEST_TEXT = 5000
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Role = Literal["uncertain", "lever", "assumption", "fixed", "initial"]
Sense = Literal["at_least", "at_most", "range"]
TargetKind = Literal["result", "count", "input"]
RANGES = ("low", "medium", "high")
SWITCH = (0.0, 1.0)
DEFAULT_PRIORS = "default"
BLIND, CENTRED = "blind", "centred"
PRIOR_SETS = ("known_by_2010", "plan_targets", BLIND, CENTRED)  # fields of Parameter; model/prior_draws.py


class Parameter(Entry):
    """What is believed of a constant: role, bounds, prior, source. Its nominal value stands in the model file alone.

    `known_by_2010`, `plan_targets`, `blind` and `centred` are its priors in other sets: what works known by 2010 alone
    would have had one believe, what was once taken from targets of the plan, what one would believe without the record,
    and what was written with figures in view that the likelihood has too.
    """

    role: Role
    low: float | None = None
    high: float | None = None
    prior: Text | None = None
    known_by_2010: Text | None = None
    plan_targets: Text | None = None
    blind: Text | None = None
    centred: Text | None = None
    source: Text
    note: Text | None = None

    @model_validator(mode="after")
    def _complete(self) -> Parameter:
        if self.role in ("uncertain", "lever", "assumption") and (self.low is None or self.high is None):
            raise ValueError(phrase("model.needs_bounds", role=self.role))
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(phrase("model.low_above_high", low=self.low, high=self.high))
        if self.role == "uncertain" and self.prior is None:
            raise ValueError(phrase("model.needs_prior"))
        mine = self.parsed_prior()
        if mine is not None and mine.is_switch and (self.low, self.high) != (0, 1):
            raise ValueError(phrase("model.switch_bounds"))
        for name in PRIOR_SETS:
            other = self._read(self.prior_of(name))
            if other is None:
                continue
            if mine is None:
                raise ValueError(phrase("model.beside_no_prior", name=name))
            if replace(other, text="") == replace(mine, text=""):
                raise ValueError(phrase("model.same_prior", name=name))
        return self

    def holds(self, value: float) -> bool:
        """Whether a value lies within the bounds; a bound that is not given holds everything."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)

    def parsed_prior(self) -> Prior | None:
        """The prior, read; None where there is none."""
        return self._read(self.prior)

    def prior_of(self, name: str) -> str | None:
        """The prior of another set, one of PRIOR_SETS, as written; None where the set has none of its own."""
        if name not in PRIOR_SETS:
            raise KeyError(name)
        text: str | None = getattr(self, name)
        return text

    def _read(self, text: str | None) -> Prior | None:
        if text is None:
            return None
        low = float("-inf") if self.low is None else self.low
        return read_prior(text, low, float("inf") if self.high is None else self.high)

    def source_keys(self) -> tuple[str, ...]:
        """Keys of sources.bib, or the word judgement; several are parted by commas or semicolons."""
        return keys_of(self.source)


def keys_of(source: str) -> tuple[str, ...]:
    """Keys of sources.bib, or the word judgement; several are parted by commas or semicolons."""
    return tuple(key.strip() for key in re.split("[,;]", source))


class Indicator(Entry):
    """A figure people watch: read from `variable` at the end of its year, not available before `first_year`."""

    variable: Text
    en: Text
    zh: Text
    unit: Text
    unit_zh: Text
    sector: Text
    direction: Literal["up", "down", "neutral"]
    first_year: int
    decimals: Annotated[int, Field(ge=0, le=6)] = 1
    aggregate: Text | None = None


class Tension(Entry):
    """Figures of the plan that do not go together: it arises where one formula is above the other, both in `unit`.

    The sentences have places for {more}, {than} and the values of targets, by id.
    """

    more: Text
    than: Text
    unit: Literal["1e8 CNY", "percent"]
    en: Text
    zh: Text

    @model_validator(mode="after")
    def _readable(self) -> Tension:
        for text in (self.more, self.than):
            read_formula(text)
        for sentence in (self.en, self.zh):
            try:
                named = places(sentence)
            except ValueError as error:
                raise ValueError(phrase("model.sentence_places", sentence=sentence[:60], problem=str(error))) from None
            if not {"more", "than"} <= named:
                raise ValueError(phrase("model.sentence_needs", sentence=sentence[:60]))
        return self

    def sides(self) -> tuple[IndicatorFormula, IndicatorFormula]:
        """The formula that is above the other where the tension arises, and that other."""
        return read_formula(self.more), read_formula(self.than)

    def named(self) -> set[str]:
        """The targets whose values the sentences have places for."""
        return (places(self.en) | places(self.zh)) - {"more", "than"}


def places(sentence: str) -> set[str]:
    """The names in braces of a sentence; ValueError where braces do not match."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


class Target(Entry):
    """What the plan wants of the indicator with the same id.

    `kind` says whether it is met by deciding it (input), counts institutions or firms, or is what comes of it (result).
    One with `no_base_en` and `no_base_zh` cannot be judged, for the reason they give.
    """

    kind: TargetKind
    sense: Sense
    aggregate: Annotated[str, Field(pattern=r"^(level|sum \d{4}-\d{4})$")]
    year: int
    value: float
    high: float | None = None
    section: Text
    quote_number: int | str | None = None
    no_base_en: Text | None = None
    no_base_zh: Text | None = None
    tension: Tension | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Target:
        if (self.sense == "range") != (self.high is not None):
            raise ValueError(phrase("model.high_of_range"))
        if self.high is not None and self.high <= self.value:
            raise ValueError(phrase("model.high_above_value", high=self.high, value=self.value))
        if (self.no_base_en is None) != (self.no_base_zh is None):
            raise ValueError(phrase("model.both_labels", what="no_base"))
        return self

    @property
    def has_base(self) -> bool:
        """Whether somebody published where the city stood; without that a target cannot be judged."""
        return self.no_base_en is None

    def first_summed_year(self) -> int | None:
        """First year of the sum that the target counts; None for a level."""
        return None if self.aggregate == "level" else int(self.aggregate[4:8])


class Control(Entry):
    """A constant that a scenario may change, in the model's unit; shown as value × factor in `unit`."""

    constant: Text
    en: Text
    zh: Text
    unit: Text
    unit_zh: Text
    factor: float = 1.0
    group: Text
    low: float
    high: float
    section: Text | None = None
    help_en: Text
    help_zh: Text

    @model_validator(mode="after")
    def _ordered(self) -> Control:
        if self.low >= self.high:
            raise ValueError(phrase("model.low_below_high", low=self.low, high=self.high))
        if self.factor <= 0:
            raise ValueError(phrase("model.factor_above"))
        return self


class LeverRange(Entry):
    """What values of a lever up to `to` mean, and the source of what is said: keys of sources.bib, or judgement."""

    to: float
    en: Text
    zh: Text
    source: Text

    def source_keys(self) -> tuple[str, ...]:
        """Keys of sources.bib, or the word judgement; several are parted by commas or semicolons."""
        return keys_of(self.source)


class Lever(Control):
    """A policy lever: `plan` is the plan's value (None where it gives none); levers of one `share_of` sum to 1.

    `ranges` say what low, medium and high values mean, `cost_en` and `cost_zh` who pays and what of it is counted.
    """

    front: bool
    plan: float | None = None
    share_of: Text | None = None
    ranges: Annotated[tuple[LeverRange, ...], Field(strict=False)] = ()
    cost_en: Text | None = None
    cost_zh: Text | None = None

    @model_validator(mode="after")
    def _explained(self) -> Lever:
        ends = [part.to for part in self.ranges]
        rising = ends == sorted(set(ends)) and all(end > self.low for end in ends)
        if ends and not (len(ends) == len(RANGES) and rising and ends[-1] == self.high):
            raise ValueError(phrase("model.ranges_rise", number=len(RANGES), names=RANGES, high=self.high))
        if (self.cost_en is None) != (self.cost_zh is None):
            raise ValueError(phrase("model.both_labels", what="cost"))
        return self

    def meaning(self, value: float) -> LeverRange | None:
        """The range that a value within the bounds lies in; None where the lever has none."""
        return next((part for part in self.ranges if value <= part.to), None)


class SwitchView(Entry):
    """What a value of a switch says of how the city works."""

    en: Text
    zh: Text


class Input(Control):
    """An assumption about the world outside the city, or, with `views`, about how the city itself works.

    A switch has two views, of 0 and of 1. A member has one of them as drawn, and every member the one that a scenario
    sets. Checks and the table of lever answers are `asked` of one view; without it, of each member's own.
    """

    views: Annotated[tuple[SwitchView, ...], Field(strict=False)] = ()
    asked: float | None = None

    @model_validator(mode="after")
    def _of_a_switch(self) -> Input:
        if self.views and (len(self.views) != len(SWITCH) or (self.low, self.high) != SWITCH or self.factor != 1):
            raise ValueError(phrase("model.views_two"))
        if self.asked is not None and not (self.views and self.asked in SWITCH):
            raise ValueError(phrase("model.asked_of_views"))
        return self


class EditionChange(Entry):
    """What levers and assumptions (`of`; none: every scenario) mean otherwise since an edition of the model."""

    since: Annotated[int, Field(ge=2)]
    of: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    en: Text
    zh: Text


class Group(Entry):
    """A heading under which levers and assumptions stand."""

    en: Text
    zh: Text


class FeedbackLoop(Entry):
    """A feedback loop: the way round it, the one link that is a plain number, and the constant that cuts it there."""

    kind: Literal["reinforcing", "balancing"]
    en: Text
    zh: Text
    link: Text
    cut: Text
    variables: Annotated[tuple[Text, ...], Field(min_length=2, strict=False)]
