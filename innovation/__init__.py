"""The innovation economy of Wuhan as a model that can be questioned, for scripts and notebooks.

    import innovation

    result = innovation.simulate("plan_as_written", members=1000)
    found = result.chance("rd_intensity")
    print(f"{found.chance:.0%} ± {found.error:.1%}")

All names of `__all__` are for use; each is loaded when it is first asked for. The rooms below this package,
`innovation.engine`, `innovation.model` and so on, are for who changes the simulator. In a checkout they lie beside this
folder, at the top level, and are found there; the links in this folder say the same to tools that read code without
running it. In an installed package they lie in this folder.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .version import VERSION

if TYPE_CHECKING:
    from innovation.public import (
        ArgumentError,
        Batch,
        Change,
        City,
        DocumentError,
        Model,
        ModelFileError,
        NotFiniteError,
        PolicyObjective,
        PosteriorDraws,
        RunError,
        Scenario,
        SimulationResult,
        TimePath,
        TooManyFailed,
        analyse,
        calibrate,
        combine,
        difference,
        draw_priors,
        findings,
        library,
        load_city,
        load_design,
        load_model,
        load_posterior,
        load_scenario,
        objective,
        parse_scenario,
        policy,
        run_batch,
        simulate,
        sweep,
    )

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

__version__ = VERSION

_HERE = Path(__file__).parent

if (_HERE / "engine").is_symlink() or not (_HERE / "engine").is_dir():
    __path__.insert(0, str(_HERE.parent))


def __getattr__(name: str) -> Any:
    """A public name, from where it is made."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("innovation.public"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
