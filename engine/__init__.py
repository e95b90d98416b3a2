"""Run any system-dynamics model file: ``load_model(path).run(parameters, outputs)`` gives a Dataset. Knows no city."""

from .dataset import VERSION
from .errors import (
    EngineError,
    Faults,
    ModelFault,
    ModelFileError,
    RunError,
    UnsupportedError,
    file_error,
    near_names,
    nearest,
)
from .ir.structure import Variable
from .member_failures import NotFinite, NotFiniteError
from .model import Model, load_model
from .model_cache import model_hash
from .progress import OnProgress, Progress, StepCounter, renamed
from .requests import Arrays
from .time_paths import Change, TimePath, path_values

__all__ = [
    "VERSION",
    "Arrays",
    "Change",
    "EngineError",
    "Faults",
    "Model",
    "ModelFault",
    "ModelFileError",
    "NotFinite",
    "NotFiniteError",
    "OnProgress",
    "Progress",
    "RunError",
    "StepCounter",
    "TimePath",
    "UnsupportedError",
    "Variable",
    "file_error",
    "load_model",
    "model_hash",
    "near_names",
    "nearest",
    "path_values",
    "renamed",
]
