"""Errors come whole out of another process: each class that has arguments of its own is pickled and read again."""

from __future__ import annotations

import ast
import importlib
import pickle
from pathlib import Path

import numpy as np
import pytest

from innovation.engine.errors import ModelFault
from innovation.engine.member_failures import NotFinite
from innovation.model.files.faults import MOST_FAULTS, DocumentError, fault
from innovation.scenarios.simulation.failures import DesignFailures, Failures
from tests.test_owners import FILES, ROOT

LINES = [fault("model.refused", "a.yaml", line, "policies 2", said="It is wrong.") for line in range(MOST_FAULTS + 50)]
NOT_FINITE = NotFinite(3, "root", 2012.0, float("inf"))
LOST = Failures(200, {"a": np.arange(1, 4)}, ("a",), np.arange(0), {"a": (NOT_FINITE,)})
EXAMPLES: dict[str, tuple[object, ...]] = {
    "DocumentError": (LINES,),
    "ModelFileError": ("a.mdl", [ModelFault(2, "b", "is wrong"), ModelFault(1, "a", "is not there")]),
    "NotFiniteError": ("root is inf", NOT_FINITE),
    "TooManyFailed": (LOST, "out/failed.csv"),
    "UnreadableFile": ("it is larger than 3 bytes", False, 3),
    "ReadingStopped": ([ModelFault(1, "a", "is not there")],),
    "Circle": ([("a", ()), ("b", ())], True),
    "MissingElement": (("a", (1,)),),
}


def classes() -> dict[str, type[BaseException]]:
    """Every class of an error in the source, by name."""
    found: dict[str, type[BaseException]] = {}
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and node.bases:
                one = getattr(importlib.import_module(module_of(path)), node.name)
                if isinstance(one, type) and issubclass(one, BaseException):
                    found[node.name] = one
    return found


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return name if path.parent == ROOT else f"innovation.{name}"


def example(of: type[BaseException]) -> tuple[object, ...]:
    """Arguments for an error: its own, or those of the class whose arguments it has; else a text."""
    return next((EXAMPLES[one.__name__] for one in of.__mro__ if one.__name__ in EXAMPLES), ("It is wrong.",))


ERRORS = classes()


def test_errors_of_the_whole_house_are_found():
    assert len(ERRORS) > 25
    assert {"DocumentError", "ScenarioError", "TooManyFailed", "NotFiniteError", "Mistake"} <= ERRORS.keys()


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_an_error_that_was_pickled_says_and_holds_the_same(name):
    error = ERRORS[name](*example(ERRORS[name]))

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert repr(vars(again)) == repr(vars(error))


@pytest.mark.parametrize("name", sorted(name for name, one in ERRORS.items() if "__init__" in vars(one)))
def test_an_error_with_arguments_of_its_own_has_an_example(name):
    assert name in EXAMPLES


def test_a_design_that_lost_too_many_comes_back_as_one():
    error = ERRORS["TooManyFailed"](DesignFailures(100, 2, NOT_FINITE), "failed.parquet")

    again = pickle.loads(pickle.dumps(error))

    assert str(again) == str(error)
    assert again.failures == error.failures


def test_faults_that_stand_for_many_are_counted_once():
    again = pickle.loads(pickle.dumps(DocumentError(LINES)))

    assert again.count == len(LINES)
