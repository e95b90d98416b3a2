"""What commands say beside their figures: editions, who failed, whose draws they are, how far they are."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import output

if TYPE_CHECKING:
    from innovation.calibration.posterior import DrawsRecord
    from innovation.model import City
    from innovation.model.files import Language
    from innovation.scenarios import Scenario
    from innovation.scenarios.execution import Meter
    from innovation.scenarios.simulation import Failures, MemberValues


def tell_editions(city: City, asked: Sequence[Scenario], language: Language = "en") -> None:
    """Say on stderr what scenarios of an earlier edition mean otherwise now, and what rising amounts come to."""
    from innovation.scenarios import notice, ramps

    for said in filter(None, [notice(city, asked, language), *ramps(city, asked, language)]):
        print(said, file=sys.stderr)


def tell_failures(given: argparse.Namespace, failures: Failures, members: MemberValues | None) -> str | None:
    """Write the list of who failed and say on stderr what is not shown; returns what to say beside the figures."""
    from innovation.engine.files import csv_text
    from innovation.scenarios.simulation import FAILURE_COLUMNS, listed, told

    drawn, place = members or {}, ""
    if (drawn and (failures or given.out)) or (failures and given.out):
        text = csv_text((*FAILURE_COLUMNS, *drawn), listed(failures, drawn))
        place = _kept_list(Path(given.out) if given.out else None, text)
    return tell(failures, told(failures, given.lang, place=place), given.json)


def tell(failures: Failures, lines: list[str], json: bool) -> str | None:
    """Say on stderr what is not shown, and with --json all; returns the rest, which stands beside the figures."""
    apart = len(lines) if json or not failures.shown else int(bool(failures.aside))
    print("".join(f"{line}\n" for line in lines[:apart]), end="", file=sys.stderr)
    return " ".join(lines if json else lines[apart:]) or None


def _kept_list(folder: Path | None, text: str) -> str:
    """Write a list of members that failed, and tell where it stands or why it does not."""
    from innovation.engine.files import write_whole
    from innovation.scenarios.simulation import FAILURE_COLUMNS, LIST

    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / LIST if folder else output.LISTS / f"failed-{mark}.csv"
    output.replaceable(path, lambda before: before.startswith(",".join(FAILURE_COLUMNS)))
    try:
        write_whole(path, text)
    except OSError as error:
        return f"{path} ({error.strerror})"
    return str(path)


def of_record(said: Mapping[str, Any]) -> str:
    """A sentence where draws are not of the city's record, by what they say of their origin; else ''."""
    if "record" not in said:
        return ""
    return f"The draws belong to the record {said['record']} ({said['record_hash'][:12]}), not to the city's own."


def briefly(record: DrawsRecord) -> dict[str, Any]:
    """What a file of draws belongs to, without the long tables of what was believed and read."""
    long = ("priors", "reads", "fitted_reads", "observations")
    return {name: value for name, value in vars(record).items() if name not in long}


class progress:
    """A meter that leaves the line clean, and tells how to go on where a person interrupts."""

    def __init__(self, given: argparse.Namespace, noun: str, again: str = "goes on from there") -> None:
        from innovation.scenarios.execution import Meter

        self._again = again
        self._meter: Meter = Meter(given.progress, noun)

    def __enter__(self) -> Meter:
        return self._meter

    def __exit__(self, kind: Any, *_: object) -> None:
        self._meter.close()
        if kind is KeyboardInterrupt:
            print(f"Stopped after {self._meter.account()}. The same command {self._again}.", file=sys.stderr)
