"""Every example in the docstrings of the public names runs, and every public name has one."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import innovation

SLOW = doctest.register_optionflag("SLOW")  # an example of minutes, for the slow tier
IMPORT = "import innovation\n"


def examples(name: str, slow: bool) -> Iterator[doctest.DocTest]:
    """The examples of a public name and of its methods, those of minutes or all others."""
    finder = doctest.DocTestFinder(recurse=True)
    for test in finder.find(getattr(innovation, name), name, globs={}):
        test.examples = [
            one for one in test.examples if (SLOW in one.options) == slow or one.source == "import innovation\n"
        ]
        if any(one.source != "import innovation\n" for one in test.examples):
            yield test


def run(name: str, slow: bool) -> int:
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    told: list[str] = []
    for test in examples(name, slow):
        runner.run(test, out=told.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)
    return runner.tries


@pytest.mark.parametrize("name", innovation.__all__)
def test_the_examples_of_a_public_name_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    run(name, slow=False)


@pytest.mark.slow
def test_examples_of_minutes_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert sum(run(name, slow=True) for name in innovation.__all__) > 2


def test_every_public_function_has_an_example_that_runs() -> None:
    functions = [name for name in innovation.__all__ if inspect.isfunction(getattr(innovation, name))]

    without = [
        name
        for name in functions
        if not [*examples(name, slow=False), *examples(name, slow=True)]
        and not re.search(r"See ``\w+``", inspect.getdoc(getattr(innovation, name)) or "")
    ]
    assert without == []
