"""What `innovation` offers to scripts and notebooks, each in the words of who uses it; the rooms do the work."""

from innovation.analysis import PolicyObjective
from innovation.calibration.posterior import PosteriorDraws
from innovation.engine import Change, Model, ModelFileError, NotFiniteError, RunError, TimePath, load_model
from innovation.model import City, DocumentError
from innovation.scenarios import Scenario, TooManyFailed
from innovation.scenarios.batches import Batch

from .arguments import ArgumentError
from .cities import calibrate, draw_priors, load_city, load_posterior
from .folders import analyse, difference, findings, load_design, run_batch, sweep
from .objectives import objective
from .policies import combine, library, load_scenario, parse_scenario, policy
from .simulation import SimulationResult, simulate

__all__ = [
    "ArgumentError",
    "Batch",
    "Change",
    "City",
    "DocumentError",
    "Model",
    "ModelFileError",
    "NotFiniteError",
    "PolicyObjective",
    "PosteriorDraws",
    "RunError",
    "Scenario",
    "SimulationResult",
    "TimePath",
    "TooManyFailed",
    "analyse",
    "calibrate",
    "combine",
    "difference",
    "draw_priors",
    "findings",
    "library",
    "load_city",
    "load_design",
    "load_model",
    "load_posterior",
    "load_scenario",
    "objective",
    "parse_scenario",
    "policy",
    "run_batch",
    "simulate",
    "sweep",
]
