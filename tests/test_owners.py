"""One owner each: what one place of the project does for all is done nowhere else. The source is read, nothing runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from innovation.model import HORIZON, PLAN_BEGINS, PLAN_ENDS, RECORD_BEGINS, RECORD_ENDS

ROOT = Path(__file__).parents[1]
FOLDERS = ("innovation/public", "engine", "model", "scenarios", "calibration", "analysis", "ui", "commands", "deploy")
DOORS = set(ROOT.glob("*.py")) - {ROOT / "run.py"}  # run.py runs before anything of the project is installed
FILES = sorted({*DOORS, *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))})
OPENS = {"pq.read_table", "pq.read_metadata", "pq.read_schema", "pq.ParquetFile", "np.load"}
PLAIN = {"plain_file", "pa.BufferReader"}  # a plain file, or what was read from one


def named(*names: str) -> Callable[[ast.AST], bool]:
    """Whether a piece of source imports one of these, or asks something for one of them."""

    def is_one(node: ast.AST) -> bool:
        if isinstance(node, ast.Import):
            return any(alias.name in names for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            return node.module in names or any(alias.name in names for alias in node.names)
        return (isinstance(node, ast.Attribute) and node.attr in names) or (
            isinstance(node, ast.Name) and node.id in names
        )

    return is_one


def puts_in_place(node: ast.AST) -> bool:
    """Whether a piece of source moves a file onto another: `path.replace(other)`, `os.replace`, `shutil.move` and kin.

    Texts are replaced by two arguments, and fields of frozen values by names.
    """
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    of = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    if node.func.attr in ("replace", "rename", "renames", "move") and of in ("os", "shutil"):
        return True
    plain = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    return node.func.attr == "replace" and len(plain) == len(node.args) == 1 and not node.keywords


def tells_contraction(node: ast.AST) -> bool:
    """Whether a piece of source says how far a spread contracted: 1 less a variance."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub) or ast.unparse(node.left) != "1":
        return False
    return any(isinstance(part, ast.Attribute) and part.attr == "var" for part in ast.walk(node.right))


def judges_targets(node: ast.AST) -> bool:
    """Whether a piece of source says by itself which values meet a target: those without a shortfall."""
    if not isinstance(node, ast.Compare) or not isinstance(node.left, ast.Call):
        return False
    return called(node.left) == "shortfalls" and isinstance(node.ops[0], ast.Eq)


def refuses_designs(node: ast.AST) -> bool:
    """Whether a piece of source asks by itself whether too many failed, and then raises."""
    if not isinstance(node, ast.If) or "too_many" not in ast.unparse(node.test):
        return False
    return any(isinstance(part, ast.Raise) for part in ast.walk(node))


def leaves_out_failed_members(node: ast.AST) -> bool:
    """Whether a piece of source runs a model such that members may fail."""
    return isinstance(node, ast.keyword) and node.arg == "on_failure" and ast.unparse(node.value) == "'mask'"


def counts_different_draws(node: ast.AST) -> bool:
    """Whether a piece of source says by itself of how many draws members are: no more than both, if they are told."""
    if not isinstance(node, ast.Call) or called(node) != "min":
        return False
    return any("draws" in ast.unparse(part) for part in node.args if isinstance(part, ast.BoolOp))


def counts_independent_draws(node: ast.AST) -> bool:
    """Whether a piece of source says by itself what members are worth: no more than the draws they are of."""
    return isinstance(node, ast.IfExp) and "worth" in ast.unparse(node.test) and "min(" in ast.unparse(node)


def takes_members_for_a_band(node: ast.AST) -> bool:
    """Whether a piece of source takes percentiles over the members of indicators: the first axis."""
    return (
        isinstance(node, ast.Call) and called(node) == "percentile" and any(one.arg == "axis" for one in node.keywords)
    )


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    return ast.unparse(node.func).rpartition(".")[2]


def reads_what_may_wait(node: ast.AST) -> bool:
    """Whether a piece of source lets a library open a file by a name that may be a pipe's or a device's."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) not in OPENS:
        return False
    return not (node.args and isinstance(node.args[0], ast.Call) and ast.unparse(node.args[0].func) in PLAIN)


def listens(node: ast.AST) -> bool:
    """Whether a piece of source has its own kind of listener: an alias or an argument of a function without a result.

    `OnProgress` is the one of progress. What is no progress has another name: a value picked, a place in a line.
    """
    alias = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    name = alias.id if isinstance(alias, ast.Name) else node.arg if isinstance(node, ast.arg) else ""
    kind = node.value if isinstance(node, ast.Assign) else getattr(node, "annotation", None)
    is_function = kind is not None and re.search(r"Callable\[.*, None\]", ast.unparse(kind)) is not None
    return is_function and re.search("progress|tell|told|begun|start|step", name, re.IGNORECASE) is not None


def places(found: Callable[[ast.AST], bool]) -> Iterator[str]:
    """The files in whose source something stands."""
    for path in FILES:
        if any(map(found, nodes(path))):
            yield path.relative_to(ROOT).as_posix()


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    ("found", "owner"),
    [
        (puts_in_place, "engine/files/plain_files.py"),
        (named("fsync", "fdatasync"), "engine/files/plain_files.py"),
        (named("mkstemp", "mktemp"), None),
        (named("fcntl", "msvcrt", "lockf", "flock"), "engine/files/plain_files.py"),
        (reads_what_may_wait, None),
        (listens, "engine/progress.py"),
        (tells_contraction, "calibration/evidence/assessment/learning.py"),
        (refuses_designs, "scenarios/simulation/failures.py"),
        (judges_targets, "scenarios/simulation/chances.py"),
        (counts_different_draws, "scenarios/simulation/chances.py"),
        (counts_independent_draws, "scenarios/simulation/chances.py"),
    ],
    ids=[
        "replaces a file",
        "waits for the disk",
        "makes a temporary file by hand",
        "locks a file",
        "waits for a pipe",
        "listens to progress",
        "tells what was learned",
        "refuses designs of which too many failed",
        "judges targets",
        "counts different draws",
        "counts independent draws",
    ],
)
def test_one_place_alone(found, owner):
    assert list(places(found)) == ([owner] if owner else [])


MAY_FAIL = {
    # by the rule of scenarios/simulation/failures.py
    "analysis/objectives.py",
    "analysis/sweeps/exploring.py",
    "analysis/sweeps/sweep_folder.py",
    "scenarios/execution/executor.py",  # batches and cases
    "scenarios/levers/nudges.py",
    "scenarios/simulation/run.py",
    # a member without a figure has no likelihood
    "calibration/posterior/exact_figures.py",
    "calibration/posterior/likelihood.py",
    # what is told is that, or how many, fail
    "calibration/priors/predictive.py",
    "scenarios/checking.py",
    "scenarios/checks/behaviour.py",
}
NO_MEMBERS_THAT_FAIL = {
    # whose failures are judged by the rule's owner before
    "analysis/sweeps/usable_members.py": "members of a sweep",
    "calibration/priors/predictive.py": "draws of the priors, which no band is of where too many fail",
    "analysis/objectives.py": "a policy under which the owner says too many fail has no chance",
    "scenarios/batches/batch_summary.py": "members of a batch; an indicator before its first year",
    # a law that a single member breaks
    "scenarios/checking.py": "a nominal run",
    "scenarios/checks/": "how many fail is told, and the law does not hold",
    # what a caller gives, which is refused
    "calibration/drawn_members.py": "a constant of one's own members",
    # finite runs with a figure that is none
    "calibration/discrepancy/": "a figure that has no logarithm",
    "scenarios/costs/cost_words.py": "a share of no money",
    "scenarios/simulation/outlooks.py": "an indicator before its first year",
    # densities: what has none is not drawn
    "calibration/evidence/assessment/profiles.py": "a height",
    "calibration/evidence/assessment/sensitivity.py": "a weight",
    "calibration/mcmc/": "densities and what is told of chains",
    "calibration/posterior/likelihood.py": "a likelihood",
    "calibration/posterior/normal_approximation.py": "a density",
    "calibration/record/measurement.py": "a density",
    "calibration/trust/simulated.py": "draws of the priors, tried until one has figures; how many had none is kept",
    # no runs
    "analysis/differences.py": "a change from nothing",
    "analysis/discovery/prim.py": "an open end of a box",
    "analysis/indices/rankings.py": "an index",
    "calibration/evidence/sections/figures.py": "a curve",
    "calibration/evidence/validation/refits.py": "what is told of chains",
    "calibration/reference_class/": "places without a figure",
}


def masks(node: ast.AST) -> bool:
    """Whether a piece of source leaves out by itself what failed or is not finite."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return "failed" in ast.unparse(node.operand)
    if not isinstance(node, ast.Attribute) or ast.unparse(node.value) != "np":
        return False
    kinds = "mean|median|average|percentile|quantile|std|var|min|max|sum|prod|argmin|argmax"
    return node.attr == "isfinite" or re.fullmatch(f"nan({kinds})", node.attr) is not None


def test_members_may_fail_in_no_other_place():
    assert set(places(leaves_out_failed_members)) == MAY_FAIL


def test_no_other_place_leaves_out_members_by_itself():
    found = {place for place in places(masks) if not place.startswith("engine/")}  # which finds who fails

    known = {place: [one for one in NO_MEMBERS_THAT_FAIL if place.startswith(one)] for place in found}

    assert [place for place, reasons in known.items() if not reasons] == []
    assert {one for reasons in known.values() for one in reasons} == NO_MEMBERS_THAT_FAIL.keys()


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("kept = ~np.asarray(run['failed'].values)", True),
        ("values[:, ~run.failed]", True),
        ("np.nanmedian(members, axis=0)", True),
        ("np.isfinite(values).all(axis=1)", True),
        ("~chosen", False),
        ("failures.kept", False),
        ("math.isfinite(share)", False),
        ("np.percentile(values, 5)", False),
    ],
)
def test_leaving_out_members_is_told_from_other_choices(source, is_one):
    assert any(map(masks, ast.walk(ast.parse(source)))) == is_one


def test_bands_of_indicators_are_taken_in_one_place():
    rooms = ("scenarios/", "ui/", "analysis/sweeps/", "analysis/differing_folders.py")
    found = [place for place in places(takes_members_for_a_band) if place.startswith(rooms)]

    assert found == ["scenarios/simulation/chances.py"]


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("part.replace(path)", True),
        ("Path(name).replace(self.path)", True),
        ("os.replace(a, b)", True),
        ("shutil.move(a, b)", True),
        ('text.replace("a", "b")', False),
        ("replace(value, field=1)", False),
        ("rules.replace(*pair)", False),
        ("dataclasses.replace(city, parameters=p)", False),
    ],
)
def test_moving_a_file_is_told_from_other_replacing(source, is_one):
    assert any(map(puts_in_place, ast.walk(ast.parse(source)))) == is_one


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("Tell = Callable[[str], None]", True),
        ("def f(told: Callable[[int, int], None] | None = None): ...", True),
        ("def f(progress: Callable[[str, int, int, float], None]): ...", True),
        ("def f(on_progress: OnProgress | None = None): ...", False),
        ("def f(take: Callable[[str], None]): ...", False),
        ("def f(starts: Callable[[int], Floats]): ...", False),
    ],
)
def test_a_listener_to_progress_is_told_from_other_functions(source, is_one):
    assert any(map(listens, ast.walk(ast.parse(source)))) == is_one


SAME_NUMBER = {
    "calibration/evidence/parts.py": {2010},  # a seed
    "calibration/posterior/likelihood.py": {2010},  # a seed
    "calibration/reference_class/classes.py": {2010},  # the census that broke the provinces' series of employment
    "calibration/reference_class/forecasts.py": {2005},  # the last origin of other places, five years before the others
    "calibration/reference_class/trial.py": {2005},  # the same
}
DATES = {RECORD_BEGINS, RECORD_ENDS, PLAN_BEGINS, PLAN_ENDS, PLAN_ENDS + 1, HORIZON}


def dates(source: Iterable[ast.AST]) -> set[float]:
    """Years of the plan's calendar that stand as numbers in a piece of source."""
    return {
        node.value
        for node in source
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value in DATES
    }


def test_the_years_of_the_plan_stand_as_numbers_in_its_calendar_alone():
    found = {path.relative_to(ROOT).as_posix(): dates(nodes(path)) for path in FILES}
    owner = found.pop("model/calendar.py")

    assert owner == DATES - {PLAN_ENDS + 1}
    assert {name: years for name, years in found.items() if years} == SAME_NUMBER


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("LAST = 2015", True),
        ("def f(first=2011.0): ...", True),
        ("range(2005, 2026)", True),
        ("LONG_AFTER = 9999", False),
        ('"from 2010 on"', False),
        ("from innovation.model import PLAN_ENDS", False),
    ],
)
def test_a_year_of_the_plan_is_told_from_other_numbers(source, is_one):
    assert bool(dates(ast.walk(ast.parse(source)))) == is_one


def test_no_class_name_means_two_things():
    homes: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                homes.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())

    twins = {name: found for name, found in homes.items() if len(found) > 1}

    assert len(homes) > 300
    assert not twins
