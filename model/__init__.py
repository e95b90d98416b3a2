"""What the city is: the model file with what is believed, watched, wanted and steered, read as one City."""

from .city import City
from .documents import Document, parse_document, read_document
from .entries import EditionChange, Group, Indicator, Input, Lever, Parameter, Target
from .faults import DocumentError, Fault, fault
from .loading import FOLDER, CityError, load_city, load_variant
from .phrases import LANGUAGES, Language, Phrase, Term, Value, phrase
from .prices import Payer, Price, Prices
from .prior_sets import with_priors
from .priors import Prior
from .wording import Messages, Wording

__all__ = [
    "FOLDER",
    "LANGUAGES",
    "City",
    "CityError",
    "Document",
    "DocumentError",
    "EditionChange",
    "Fault",
    "Group",
    "Indicator",
    "Input",
    "Language",
    "Lever",
    "Messages",
    "Parameter",
    "Payer",
    "Phrase",
    "Price",
    "Prices",
    "Prior",
    "Target",
    "Term",
    "Value",
    "Wording",
    "fault",
    "load_city",
    "load_variant",
    "parse_document",
    "phrase",
    "read_document",
    "with_priors",
]
