"""Scenarios: from the library, a file, a text, or a few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from innovation import scenarios as house
from innovation.engine import Change
from innovation.model import City
from innovation.model.files import fault, near
from innovation.scenarios import AssumptionChange, PolicyChange, Scenario, ScenarioError, with_others
from innovation.scenarios.simulation import unchanged

from .cities import own_city

Course = float | Change | Sequence[Change]


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
    whose = city or own_city()
    return house.combine(whose, house.load_scenarios(whose, str(name).split(house.WITH_LINK)))


def parse_scenario(text: str, *, name: str = "scenario", city: City | None = None) -> Scenario:
    """Read a scenario from the text of a scenario file.

    Parameters
    ----------
    text
        YAML.
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
    return house.parse_scenario(city or own_city(), text, name)


def combine(*scenarios: Scenario, city: City | None = None) -> Scenario:
    """One scenario with the changes of several, which must not change the same thing twice at once.

    Parameters
    ----------
    *scenarios
        Two or more; one is given back as it is.
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
    return house.combine(city or own_city(), list(scenarios))


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
    whose = city or own_city()
    courses = {name: _dated(course, start, ramp) for name, course in changes.items()}
    controls = [*whose.levers, *whose.inputs]
    unknown = [name for name in courses if name not in controls]
    if unknown:
        wrong = [fault("scenarios.case_lever", id, name=name, near=near(name, controls)) for name in unknown]
        raise ScenarioError(wrong)
    alone = {name: dates[0].to for name, dates in courses.items() if dates == _dated(dates[0].to, start, ramp)}
    courses |= {name: _dated(to, start, ramp) for name, to in with_others(whose, alone).items()}
    changed = [_change(whose, name, one) for name, dates in courses.items() for one in dates]
    return house.with_changes(whose, unchanged().scenario, changed, id=id)


def _change(city: City, name: str, one: Change) -> PolicyChange | AssumptionChange:
    dated = {"from": float(one.start), "to": float(one.to), "ramp": float(one.ramp)}
    return PolicyChange(lever=name, **dated) if name in city.levers else AssumptionChange(input=name, **dated)


def _dated(course: Course, start: float, ramp: float) -> tuple[Change, ...]:
    if isinstance(course, Change):
        return (course,)
    return tuple(course) if isinstance(course, Sequence) else (Change(start, float(course), ramp),)
