"""What the city is: the model file with what is believed, watched, wanted and steered, read as one City."""

from .calendar import HORIZON, PLAN_BEGINS, PLAN_ENDS, PLAN_YEARS, RECORD_BEGINS, RECORD_ENDS, in_plan
from .city import City
from .consistency import SHARE_TOLERANCE
from .coverage import COVERAGE, coverage_page
from .entries import (
    BLIND,
    CENTRED,
    DEFAULT_PRIORS,
    JUDGEMENT,
    PRIOR_SETS,
    SWITCH,
    Control,
    EditionChange,
    Group,
    Indicator,
    Input,
    Lever,
    LeverRange,
    Parameter,
    Sense,
    SwitchView,
    Target,
    TargetKind,
    Text,
)
from .files.faults import DocumentError, fault
from .files.phrases import Language
from .formulas import FormulaTerm
from .loading import FOLDER, CityError, load_city, load_variant
from .pages import cited, origin, pages, table
from .prices import PRICES, payer_shares, resource_shares
from .prior_draws import BEFORE, START, draw_priors, less_their_mean, limits, with_priors
from .priors import Prior

__all__ = [
    "BEFORE",
    "BLIND",
    "CENTRED",
    "COVERAGE",
    "DEFAULT_PRIORS",
    "FOLDER",
    "HORIZON",
    "JUDGEMENT",
    "PLAN_BEGINS",
    "PLAN_ENDS",
    "PLAN_YEARS",
    "PRICES",
    "PRIOR_SETS",
    "RECORD_BEGINS",
    "RECORD_ENDS",
    "SHARE_TOLERANCE",
    "START",
    "SWITCH",
    "City",
    "CityError",
    "Control",
    "DocumentError",
    "EditionChange",
    "FormulaTerm",
    "Group",
    "Indicator",
    "Input",
    "Language",
    "Lever",
    "LeverRange",
    "Parameter",
    "Prior",
    "Sense",
    "SwitchView",
    "Target",
    "TargetKind",
    "Text",
    "cited",
    "coverage_page",
    "draw_priors",
    "fault",
    "in_plan",
    "less_their_mean",
    "limits",
    "load_city",
    "load_variant",
    "origin",
    "pages",
    "payer_shares",
    "resource_shares",
    "table",
    "with_priors",
]
