"""What draws tell of the record, by the equations as written: the same bits however the model file is arranged."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.record.operators import Reader
from innovation.engine import Model

Floats = NDArray[np.float64]


def exact_figures(model: Model, reader: Reader, constants: Mapping[str, Floats]) -> Floats:
    """The figures of members with these constants, shape (figures, members); not a number where a run fails.

    In NumPy: each variable's bits hang on its own equation alone. Machine code regroups sums across equations. NumPy's
    own exponentials differ from processor to processor, so only figures of one machine compare to the bit.
    """
    given = {**constants, "FINAL TIME": reader.times[-1]}
    run = _as_written(model).arrays(given, outputs=reader.outputs, times=reader.times, on_failure="mask")
    figures = reader.read(run)
    figures[:, run.failed] = np.nan
    return figures


@lru_cache(maxsize=2)
def _as_written(model: Model) -> Model:
    return Model(model.path, model.structure, model.hash, "numpy")
