"""Scenarios: from the library, a file, a text, or a few numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from innovation import scenarios as house
from innovation.engine import Change
from innovation.model import City
from innovation.model.files import fault, near
from innovation.scenarios import AssumptionChange, PolicyChange, Scenario, ScenarioError, with_others

from .arguments import city_or_own, number, text, wrong

Course = float | Change | Sequence[Change]
Scenarios = str | Path | Scenario | Sequence[str | Path | Scenario]


def library() -> list[str]:
    """Ids of the scenarios that come with the simulator.

    Returns
    -------
    list of str
        In alphabetical order; `load_scenario` reads them.

    Examples
    --------
    >>> import innovation
    >>> "plan_as_written" in innovation.library()
    True
    """
    return list(house.library())


def load_scenario(name: str | Path, *, city: City | None = None) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name
        An id of the library, a YAML file, or several of them joined with "+".
    city
        Against whose levers it is checked; None: the city's.

    Returns
    -------
    Scenario
        Its dated changes of levers (`policies`) and of the world outside (`assumptions`), in the model's units.

    Raises
    ------
    DocumentError
        Every fault at once, with its line and the nearest valid names.

    Examples
    --------
    >>> import innovation
    >>> plan = innovation.load_scenario("plan_as_written")
    >>> plan.policies[0].lever in innovation.load_city().levers
    True
    """
    whose = city_or_own(city)
    return read_scenario(whose, name)


def read_scenario(city: City, name: str | Path) -> Scenario:
    """The scenario of an id of the library, a file, or several of them joined with "+"."""
    if isinstance(name, Path):
        return house.load_scenario(city, name)
    return house.combine(city, house.load_scenarios(city, text("scenario", name).split(house.WITH_LINK)))


def scenarios_of(city: City, given: Scenarios) -> list[Scenario]:
    """The scenarios that a caller means, read where they are names."""
    several = [given] if isinstance(given, str | Path | Scenario) else given
    if not isinstance(several, Iterable):
        raise wrong("scenarios", given, "an id of the library, a file, a Scenario, or a list of these")
    return [one if isinstance(one, Scenario) else read_scenario(city, one) for one in several]


def parse_scenario(yaml: str, *, name: str = "scenario", city: City | None = None) -> Scenario:
    """Read a scenario from the text of a scenario file.

    Parameters
    ----------
    yaml
        The text.
    name
        What faults call it.
    city
        Against whose levers it is checked; None: the city's.

    Returns
    -------
    Scenario
        As of a file.

    Raises
    ------
    DocumentError
        Every fault at once, with its line and the nearest valid names.

    Examples
    --------
    >>> import innovation
    >>> mine = innovation.parse_scenario('''
    ... schema: 2
    ... id: science
    ... title: {en: More science, zh: 更多科技投入}
    ... question: {en: Does money help?, zh: 经费有用吗？}
    ... source: judgement
    ... policies:
    ...   - {lever: fiscal_science_share, from: 2012, to: 0.036, ramp: 2}
    ... ''')
    >>> mine.policies[0].to
    0.036
    """
    if not isinstance(yaml, str | bytes):
        raise wrong("yaml", yaml, "the text of a scenario file")
    return house.parse_scenario(city_or_own(city), yaml, text("name", name))


def combine(*scenarios: str | Path | Scenario, city: City | None = None) -> Scenario:
    """One scenario with the changes of several, which must not change the same thing twice at once.

    Parameters
    ----------
    *scenarios
        Ids, files or scenarios, one or more.
    city
        Against whose levers the result is checked; None: the city's.

    Returns
    -------
    Scenario
        Its id is theirs, joined with "+".

    Raises
    ------
    DocumentError
        Changes overlap, or shares of one sum no longer sum to 1.

    Examples
    --------
    >>> import innovation
    >>> both = innovation.combine(
    ...     innovation.policy({"graduate_retention": 1.2}, id="people"),
    ...     innovation.policy({"fiscal_science_share": 0.036}, id="money"),
    ... )
    >>> both.id
    'people+money'
    """
    if not scenarios:
        raise wrong("scenarios", scenarios, "one scenario at least")
    whose = city_or_own(city)
    return house.combine(whose, scenarios_of(whose, scenarios))


def policy(
    changes: Mapping[str, Course],
    *,
    start: float = 2012.0,
    ramp: float = 0.0,
    id: str = "policy",
    city: City | None = None,
) -> Scenario:
    """A scenario from a few numbers: levers, or assumptions of the world outside, and where they go.

    Parameters
    ----------
    changes
        By the id of a lever or assumption a value in the model's unit, as in scenario files; or a ``Change``, or
        several, with dates of their own. Where some shares of one sum are set the others give way in proportion.
    start
        From when on, 2011 or later.
    ramp
        Years that the way to the value takes; 0: at once.
    id
        What results call it: small letters, digits and underscores.
    city
        Whose levers; None: the city's.

    Returns
    -------
    Scenario
        For `simulate` and `run_batch`; 2010 practice goes on in all else.

    Raises
    ------
    DocumentError
        Unknown names, with the nearest ones; values outside a lever's range; dates before the plan.

    Examples
    --------
    >>> import innovation
    >>> more = innovation.policy({"fiscal_science_share": 0.036, "graduate_retention": 1.2}, start=2012, ramp=2)
    >>> [change.lever for change in more.policies]
    ['fiscal_science_share', 'graduate_retention']
    """
    whose = city_or_own(city)
    if not isinstance(changes, Mapping):
        raise wrong("changes", changes, "values by the id of a lever or assumption")
    controls = [*whose.levers, *whose.inputs]
    unknown = [name for name in changes if name not in controls]
    if unknown:
        wrongs = [
            fault("scenarios.case_lever", "policy", name=str(name), near=near(str(name), controls)) for name in unknown
        ]
        raise ScenarioError(wrongs)
    courses = {name: _dated(name, course, start, ramp) for name, course in changes.items()}
    alone = {name: number(name, course) for name, course in changes.items() if not _is_dated(course)}
    courses |= {name: _dated(name, to, start, ramp) for name, to in with_others(whose, alone).items()}
    changed = [_change(whose, name, one) for name, dates in courses.items() for one in dates]
    return house.policy_scenario(whose, changed, text("id", id))


def _change(city: City, name: str, one: Change) -> PolicyChange | AssumptionChange:
    start, to = number(f"{name}'s start", one.start), number(name, one.to)
    dated = {"from": start, "to": to, "ramp": number(f"{name}'s ramp", one.ramp, 0.0)}
    return PolicyChange(lever=name, **dated) if name in city.levers else AssumptionChange(input=name, **dated)


def _is_dated(course: Course) -> bool:
    return isinstance(course, Change | list | tuple)


def _dated(name: str, course: Course, start: float, ramp: float) -> tuple[Change, ...]:
    several = course if isinstance(course, list | tuple) else (course,)
    if not several or (_is_dated(course) and not all(isinstance(one, Change) for one in several)):
        raise wrong(name, course, "a number, a Change, or a list of these with dates")
    return tuple(
        one if isinstance(one, Change) else Change(number("start", start), number(name, one), number("ramp", ramp, 0.0))
        for one in several
    )
