"""Run any system-dynamics model file: ``load_model(path).run(parameters, outputs)`` gives a Dataset. Knows no city."""

from engine.errors import EngineError, ModelFault, ModelFileError, RunError, UnsupportedError
from engine.failures import NotFinite, NotFiniteError
from engine.model import Model, load_model
from engine.paths import Change, TimePath
from engine.structure import Variable, normalised_name, python_name

__all__ = [
    "Change",
    "EngineError",
    "Model",
    "ModelFault",
    "ModelFileError",
    "NotFinite",
    "NotFiniteError",
    "RunError",
    "TimePath",
    "UnsupportedError",
    "Variable",
    "load_model",
    "normalised_name",
    "python_name",
]
