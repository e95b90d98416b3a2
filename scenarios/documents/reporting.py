"""The reporting table of Rahmandad and Sterman (2012): docs/reporting.md, from the text beside this file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from innovation.model import FOLDER, JUDGEMENT, PLAN_ENDS, City, origin
from innovation.scenarios.checks.expectations import CHECKS, FAR_TOLERANCE, NEAR_TOLERANCE, read_checks
from innovation.scenarios.scenario_files import library

TEMPLATE = Path(__file__).with_suffix(".md")
REQUIREMENTS = FOLDER.parent / "requirements.txt"
NAMED_PACKAGES = ("numpy", "scipy", "xarray", "pandas", "pysd", "pydantic", "pyyaml")
PLURALS = {"auxiliary": "auxiliaries", "data": "data"}


def reporting_page(city: City) -> str:
    """The guidelines' items, minimum and preferred, each with its answer or with where that stands."""
    return TEMPLATE.read_text(encoding="utf-8").format_map(
        {"origin": origin(city, "scenarios/reporting.md and the city's files"), **_of_model(city), **_of_runs(city)}
    )


def _of_model(city: City) -> Mapping[str, object]:
    variables = city.model.variables.values()
    parameters, loops = city.parameters.values(), Counter(loop.kind for loop in city.loops.values())
    judged = sum(parameter.source_keys() == (JUDGEMENT,) for parameter in parameters)
    lookups = [variable.name for variable in variables if re.search(r"WITH LOOKUP\s*\(\s*Time\b", variable.equation)]
    return {
        "model_file": f"model/{city.model.path.name}",
        "hash": city.model.hash,
        "elements": len(variables),
        "kinds": _listed(Counter(PLURALS.get(variable.kind, f"{variable.kind}s") for variable in variables)),
        "numbers": sum(len(city.elements(variable.name)) for variable in variables),
        "beliefs": len(parameters),
        "roles": _listed(Counter(str(parameter.role) for parameter in parameters)),
        "sourced": len(parameters) - judged,
        "judged": judged,
        "lookups": len(lookups),
        "lookup_names": ", ".join(lookups),
        "loops": len(city.loops),
        "reinforcing": loops["reinforcing"],
        "balancing": loops["balancing"],
    }


def _of_runs(city: City) -> Mapping[str, object]:
    model, checks, pins = city.model, read_checks(city, city.folder / CHECKS), pinned()
    return {
        "pins": ", ".join(f"{name} {pins[name]}" for name in NAMED_PACKAGES),
        "dt": f"{model.dt:g} (1/{1 / model.dt:g})",
        "start": f"{model.initial_time:g}",
        "end": f"{model.final_time:g}",
        "near": f"{NEAR_TOLERANCE:.1%}",
        "near_year": PLAN_ENDS,
        "far": f"{FAR_TOLERANCE:.0%}",
        "scenarios": ", ".join(library()),
        "indicators": len(city.indicators),
        "targets": len(city.targets),
        "judgeable": len(city.judgeable),
        "members": checks.draws.members,
        "seed": checks.draws.seed,
        "bounds": len(checks.bounds),
        "equalities": len(checks.equalities),
        "balances": len(checks.balances),
        "monotone": len(checks.monotone),
        "extremes": len(checks.extremes),
        "answers": len(checks.answers.statements) if checks.answers else 0,
    }


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


def pinned() -> Mapping[str, str]:
    """Versions of packages in requirements.txt, by name."""
    return dict(re.findall(r"^([a-z0-9_-]+)==([^\s;]+)", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE))
