"""stub"""

from __future__ import annotations

from calibration.observations import DATA
from model import DocumentError
from model.entries import Text
from model.tables import read_table
from model.validation import Entry


class ClassRow(Entry):
    indicator: Text
    a: float
    b: float
    scale: float
    df: int
    common_share: float
    n: int
    quality: Text
    scale_common: float
    scale_place: float
    g_median: float
    a_world: float | None
    b_world: float | None
    n_world: int
    places_world: int | None
    df_ml_world: float | None
    a_china: float | None
    b_china: float | None
    n_china: int
    windows_china: int
    b_relative: float | None
    city_growth_before: float | None
    x: float | None
    spread_factor: float | None
    city_line_world: float | None
    city_line_china: float | None
    city_centre: float | None
    factor_2015_q05: float | None
    factor_2015_q25: float | None
    factor_2015_q50: float | None
    factor_2015_q75: float | None
    factor_2015_q95: float | None


CLASSES = DATA / "reference_class.csv"


def read_classes() -> dict[str, ClassRow]:
    rows, _, faults = read_table(DATA / "reference_class.csv", ClassRow)
    if faults:
        raise DocumentError(faults)
    return {row.indicator: row for row in rows}
