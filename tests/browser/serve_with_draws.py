"""Serve the app with draws of the priors in the posterior's place: a browser test needs no half hour of fitting."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from streamlit.web import cli

from innovation.calibration.posterior import kept_draws
from tests.standin import draws_of

kept_draws.load = draws_of
cli.main(["run", "app.py", *sys.argv[1:]])
