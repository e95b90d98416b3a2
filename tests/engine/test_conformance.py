"""The field's own models: each passes or is refused by name, as the table in docs/engine.md says."""

from __future__ import annotations

import pytest

from tests.engine import conformance

FILES = conformance.model_files()

pytestmark = pytest.mark.skipif(not FILES, reason=f"no conformance models at {conformance.SUITE}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(conformance.SUITE).as_posix())
def test_a_model_of_the_field_passes_or_is_refused_as_documented(path):
    expected = conformance.expected().get(path.relative_to(conformance.SUITE).as_posix())

    outcome = conformance.check(path)

    if expected is None:
        assert outcome.status in ("passed", "no output"), outcome
    else:
        assert outcome.status == expected.status, outcome


def test_most_models_of_the_field_pass():
    listed = conformance.expected()

    with_output = [path for path in FILES if conformance.canonical_output(path)]

    assert len(with_output) - len(listed) >= 0.77 * len(with_output)
