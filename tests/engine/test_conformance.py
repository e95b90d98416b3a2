"""The field's own models: each passes or is refused by name, as the table in docs/engine.md says."""

from __future__ import annotations

import pytest

from innovation.engine.model import load_model
from tests.engine import conformance
from tests.engine.field_models import MISSING

FILES = conformance.model_files()

pytestmark = pytest.mark.skipif(not FILES, reason=MISSING)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(conformance.SUITE).as_posix())
def test_a_model_of_the_field_passes_or_is_refused_as_documented(path):
    expected = conformance.expected().get(path.relative_to(conformance.SUITE).as_posix())

    outcome = conformance.check(path)

    if expected is None:
        assert outcome.status in ("passed", "no output"), outcome
    else:
        assert outcome.status == expected.outcome.status, outcome


def test_the_one_model_compared_by_another_method_is_right_by_its_own():
    data = load_model(conformance.SUITE / conformance.EULER).run(outputs=["stockmixed"])

    time = data["time"].values  # its net flow is flow6 - flow5 - flow7 - flow8, of which flow7 is the time
    assert data["stockmixed"].values[0] == pytest.approx((0.1223 - 0.5 - 0.3) * time - time**2 / 2, abs=1e-12)


def test_nearly_all_models_that_keep_to_the_vocabulary_pass():
    listed = conformance.expected()
    with_output = [path for path in FILES if conformance.canonical_output(path)]

    passed = len(with_output) - len(listed)

    assert passed >= 0.95 * (passed + sum(row.counts for row in listed.values()))


def test_no_other_engine_passes_a_model_that_should_pass_and_does_not():
    listed = conformance.expected()

    assert [name for name, row in listed.items() if row.counts and (row.pysd or row.pysimlin)] == []
