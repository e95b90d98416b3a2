"""Links: a visitor's whole work in one query parameter, checked like a file when it comes back; knows no streamlit.

The parameter is a small YAML document, compressed and in base64. Its scenarios stand in it as the canonical text that
files have, so that a link, a file, the command line and Python mean the same to the last digit.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from innovation.model import City, Text
from innovation.model.files import Document, DocumentError, Entry, Value, fault, parse_document, read_entry
from innovation.scenarios import Scenario, is_earlier, of_today, scenario_in, scenario_text, yaml_text
from innovation.scenarios.simulation import PUBLISHED, Band

LINK: Final = 1
LONGEST, LARGEST = 16_000, 200_000  # characters of the parameter; bytes once it is unpacked
MOST_KEPT, MOST_CHARTS = 4, 4
WHERE = "link"
# Names that a lever, an assumption or an indicator once had, by kind: old name -> name of today.
RENAMED: Mapping[str, Mapping[str, str]] = {"lever": {}, "input": {}, "indicator": {}}
Ids = Annotated[tuple[Text, ...], Field(strict=False, max_length=100)]
_File = Annotated[str, Field(min_length=1)]  # the whole text of a scenario


class LinkError(DocumentError):
    """A link cannot be used; `faults` says why."""


class _Content(Entry):
    """What a link holds."""

    link: Literal[1]
    model: Annotated[str, Field(pattern=r"^[0-9a-f]{12,64}$")]
    start: Text
    charts: Ids
    chosen: Ids
    scenario: _File
    kept: Annotated[tuple[_File, ...], Field(strict=False, max_length=MOST_KEPT)] = ()
    band: Band = PUBLISHED


@dataclass(frozen=True)
class Work:
    """What a visitor sees: scenario, where it set out from, charts, targets chosen, scenarios kept, which band."""

    scenario: Scenario
    start: str
    charts: tuple[str, ...]
    chosen: tuple[str, ...]
    kept: tuple[Scenario, ...] = ()
    band: Band = PUBLISHED


@dataclass(frozen=True)
class Note:
    """What changed since a link or a file was made: `kind` is model, renamed, dropped or edition.

    `names` says what it is about; for an edition, `scenarios` are those of an earlier one, as they were written.
    """

    kind: Literal["model", "renamed", "dropped", "edition"]
    names: tuple[str, ...] = ()
    scenarios: tuple[Scenario, ...] = ()


def packed(city: City, work: Work) -> str:
    """The parameter of a link to this work."""
    content = {
        "link": LINK,
        "model": city.model.hash[:12],
        "start": work.start,
        "charts": list(work.charts),
        "chosen": list(work.chosen),
        "scenario": scenario_text(work.scenario),
        "kept": [scenario_text(scenario) for scenario in work.kept],
        **({} if work.band == PUBLISHED else {"band": work.band}),
    }
    text = yaml_text(content, width=10_000)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(city: City, parameter: str, renamed: Mapping[str, Mapping[str, str]] = RENAMED) -> tuple[Work, list[Note]]:
    """The work in a link's parameter, and what changed since it was made. Raises LinkError or ScenarioError."""
    document = parse_document(_text(parameter), WHERE)
    if document.faults:
        raise LinkError(document.faults)
    content, faults = read_entry(_Content, document, (), document.data)
    if content is None:
        raise LinkError(faults)
    notes: list[Note] = []
    old = not city.model.hash.startswith(content.model)
    if old:
        notes.append(Note("model", (content.model, city.model.hash[:12])))
    names = renamed if old else {}
    charts = _known([names.get("indicator", {}).get(name, name) for name in content.charts], city.indicators)
    chosen = _known([names.get("indicator", {}).get(name, name) for name in content.chosen], city.judgeable)
    scenario, *kept = (
        scenario_in(city, _brought_up(city, written, names, notes) if old else written)
        for written in (parse_document(text, WHERE) for text in (content.scenario, *content.kept))
    )
    twice = [one.id for one in kept if [other.id for other in kept].count(one.id) > 1]
    if twice:
        raise _broken("ui.same_id", name=twice[0])
    notes += of_editions([scenario, *kept])
    scenario, *kept = map(of_today, (scenario, *kept))
    found = Work(scenario, content.start, charts[:MOST_CHARTS], chosen, tuple(kept), content.band)
    return found, list(dict.fromkeys(notes))


def of_editions(scenarios: Iterable[Scenario]) -> list[Note]:
    """The note of those that are of an earlier edition of the model, where some are."""
    earlier = tuple(filter(is_earlier, scenarios))
    return [Note("edition", scenarios=earlier)] if earlier else []


def _known(names: list[str], those: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name in those))


def _text(parameter: str) -> bytes:
    """What is packed in a parameter, at most LARGEST bytes of it."""
    if len(parameter) > LONGEST:
        raise _broken("ui.link_long", most=LONGEST)
    if not re.fullmatch(r"[\w-]+", parameter, re.ASCII):
        raise _broken("ui.link_signs")
    try:
        packed_bytes = base64.urlsafe_b64decode(parameter + "=" * (-len(parameter) % 4))
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(packed_bytes, LARGEST)
    except (binascii.Error, ValueError, zlib.error):
        raise _broken("ui.link_broken") from None
    if unpacker.unconsumed_tail:
        raise _broken("ui.link_bomb", most=LARGEST)
    if not unpacker.eof or unpacker.unused_data:
        raise _broken("ui.link_broken")
    return found


def _broken(code: str, /, **values: Value) -> LinkError:
    return LinkError([fault(code, WHERE, **values)])


def _brought_up(
    city: City, document: Document, renamed: Mapping[str, Mapping[str, str]], notes: list[Note]
) -> Document:
    """A scenario of an older model with names of today and without what there is no longer."""
    if not isinstance(document.data, dict):
        return document
    data = dict(document.data)
    for field, kind, known in (("policies", "lever", city.levers), ("assumptions", "input", city.inputs)):
        items = data.get(field)
        if isinstance(items, list):
            data[field] = list(_items(items, kind, renamed.get(kind, {}), known, notes))
    return replace(document, data=data)


def _items(
    items: list[Any], kind: str, renamed: Mapping[str, str], known: Mapping[str, object], notes: list[Note]
) -> Iterator[Any]:
    for item in items:
        name = item.get(kind) if isinstance(item, dict) else None
        if not isinstance(name, str) or name in known:
            yield item
        elif renamed.get(name) in known:
            notes.append(Note("renamed", (name, renamed[name])))
            yield {**item, kind: renamed[name]}
        else:
            notes.append(Note("dropped", (name[:60],)))
