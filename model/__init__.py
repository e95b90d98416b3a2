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
from .files.faults import DocumentError, Fault, fault
from .files.phrases import LANGUAGES, Language, Phrase, Term, Value, phrase
from .files.wording import Messages, Wording
from .files.yaml_documents import Document, parse_document, read_document
from .formulas import FormulaTerm
from .loading import FOLDER, CityError, load_city, load_variant
from .pages import cited, origin, pages, table
from .prices import PRICES, Payer, Price, Prices, payer_shares, resource_shares
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
    "LANGUAGES",
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
    "Document",
    "DocumentError",
    "EditionChange",
    "Fault",
    "FormulaTerm",
    "Group",
    "Indicator",
    "Input",
    "Language",
    "Lever",
    "LeverRange",
    "Messages",
    "Parameter",
    "Payer",
    "Phrase",
    "Price",
    "Prices",
    "Prior",
    "Sense",
    "SwitchView",
    "Target",
    "TargetKind",
    "Term",
    "Text",
    "Value",
    "Wording",
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
    "parse_document",
    "payer_shares",
    "phrase",
    "read_document",
    "resource_shares",
    "table",
    "with_priors",
]
