"""What the city is: the model file with what is believed, watched, wanted and steered, read as one City."""

from .city import City
from .documents import Document, parse_document, read_document
from .entries import EditionChange, Group, Indicator, Input, Lever, Parameter, Target
from .faults import DocumentError, Fault
from .loading import FOLDER, CityError, load_city, load_variant
from .prices import Payer, Price, Prices
from .prior_sets import with_priors
from .priors import Prior
from .wording import LANGUAGES, Language, Messages, Wording

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
    "Price",
    "Prices",
    "Prior",
    "Target",
    "Wording",
    "load_city",
    "load_variant",
    "parse_document",
    "read_document",
    "with_priors",
]
