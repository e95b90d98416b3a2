"""Whether the record tells views apart: a figure that only one of them can meet, and one that neither minds."""

from __future__ import annotations

import numpy as np

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.evidence.evidence import gather
from innovation.calibration.evidence.sections.views import views_section, weighed
from innovation.calibration.posterior.likelihood import Posterior
from tests.switched import SWITCH, VARIANT, WEIGHT

from .test_evidence import RECORD


def evidence(city, tmp_path, share):
    """As if a fit had left the view of the switch to such a share of draws."""
    posterior = Posterior(city, [figure for figure in RECORD if figure.is_counted])
    z = posterior.draw_prior(1000, 1)
    place = posterior.names.index(SWITCH)
    z[:, place] = np.where(np.arange(1000) < 1000 * share, 3.0, -3.0)
    return gather(Basis(posterior, z, posterior.uninformed.draw(1000, 2), RECORD), tmp_path)


def test_a_view_that_draws_have_more_often_than_was_believed_is_told_from_the_other(switched_city, tmp_path):
    (told,) = weighed(evidence(switched_city, tmp_path, 0.6))
    (untold,) = weighed(evidence(switched_city, tmp_path, WEIGHT + 0.03))

    assert (told.variant, told.before, told.after) == (VARIANT, WEIGHT, 0.6)
    assert told.is_told and not told.is_uninformed
    assert not untold.is_told


def test_the_page_says_which_views_the_record_cannot_tell_apart(switched_city, toy_city, tmp_path):
    told = "\n".join(views_section(evidence(switched_city, tmp_path, 0.6)))
    untold = "\n".join(views_section(evidence(switched_city, tmp_path, WEIGHT)))

    assert "| What knowledge does | knowledge pulls output | 30 % | 60 ± 1.4 % | tells them apart |" in told
    assert "| 30 % | 30 ± 1.4 % | cannot tell them apart |" in untold
    assert "**cannot tell apart** those of 1" in untold
