"""The table of lever answers, kept beside other results that need draws: made by `cli.py findings`, read by a page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from innovation.engine import OnProgress
from innovation.model import City
from innovation.model.files import Fault
from innovation.scenarios.checks import read_expected
from innovation.scenarios.levers import (
    MEMBERS,
    End,
    KeptAnswers,
    LeverAnswer,
    ends_of,
    lever_answers,
    lever_answers_text,
    read_moves,
)
from innovation.scenarios.simulation import Members

from .kept_results import RESULTS, Row, keep, not_current, number, path_of, read
from .posterior.draws import PosteriorDraws
from .posterior.fingerprint import LENGTH
from .posterior.kept_draws import DEFAULT

PART, COMMAND = "lever_answers", "cli.py findings"


def make(
    city: City,
    draws: PosteriorDraws,
    folder: Path = RESULTS,
    on_progress: OnProgress | None = None,
) -> Path:
    """Run every lever's ends over draws of the posterior and keep what they change; returns the file."""
    members = Members.of(draws.draws, "draws of the posterior").spread(MEMBERS)
    found = lever_answers(city, members, figures_of(city), beside_of(city), on_progress=on_progress)
    head = {"command": COMMAND, **marks(city, draws.hash), "members": len(members)}
    return keep(PART, [asdict(one) for one in found], head, folder)


def figures_of(city: City) -> dict[str, list[str]]:
    """The figures asked of each lever and assumption: the headline of moves.yaml, then those it is for."""
    headline = read_moves(city).headline
    return {name: [*headline, *one.further(headline)] for name, one in read_expected(city, headline).items()}


def beside_of(city: City) -> dict[str, dict[str, float]]:
    """What stands beside levers that do nothing alone, where they are tried."""
    return {name: one.beside for name, one in read_expected(city, read_moves(city).headline).items() if one.beside}


def marks(city: City, draws: str) -> dict[str, str]:
    """What the kept numbers belong to: model, posterior (`draws` is its hash), and the ranges and figures asked."""
    views = {name: one.asked for name, one in city.variants.items()}
    asked = json.dumps([ends_of(city), figures_of(city), beside_of(city), views], sort_keys=True)
    digest = hashlib.sha256(asked.encode()).hexdigest()
    return {
        "model": city.model.hash[:LENGTH],
        "posterior": draws[:LENGTH],
        "set of ranges and figures": digest[:LENGTH],
    }


def stale(city: City, draws: str, folder: Path = RESULTS) -> Fault | None:
    """What is wrong with kept numbers that are not those of this model, these draws, ranges and figures."""
    kept = read(PART, folder)
    head = kept.head if kept else {}
    parted = [name for name, mark in marks(city, draws).items() if head.get(name) != mark]
    if not parted:
        return None
    return not_current(path_of(PART, folder), parted if head else [])


def lever_answers_page(city: City, folder: Path = RESULTS) -> str:
    """docs/lever-answers.md from the kept numbers, which says where they belong to something else."""
    kept = read(PART, folder)
    draws = hashlib.sha256(DEFAULT.read_bytes()).hexdigest() if DEFAULT.is_file() else ""
    fault = stale(city, draws, folder)
    rows = [_answer(row) for row in kept.rows] if kept else []
    return lever_answers_text(city, KeptAnswers(rows, kept.head if kept else {}, fault))


def _answer(row: Row) -> LeverAnswer:
    """A row as it was before it was kept."""
    end: End = "low" if row["end"] == "low" else "high"
    shares = {name: number(row, name) for name in ("low", "middle", "high", "up", "down", "still")}
    return LeverAnswer(row["lever"], end, row["figure"], int(row["year"]), **shares, failed=int(row["failed"]))
