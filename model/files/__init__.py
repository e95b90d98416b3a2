"""Files that people write: read safely, checked entry by entry, told with line and remedy."""

from .faults import DocumentError, Fault, as_many_as_help, fault, near, original, quoted, why
from .phrases import LANGUAGES, Both, Language, Phrase, Term, Value, chained, either, phrase, shortened
from .tables import read_table
from .validation import Entry, read_entries, read_entry, readable, unknown_fields
from .wording import Messages, Wording, read_messages, read_texts
from .yaml_documents import (
    Document,
    Place,
    parse_document,
    plain_value,
    read_document,
    read_text,
    shown,
    strange,
    tamed,
)

__all__ = [
    "LANGUAGES",
    "Both",
    "Document",
    "DocumentError",
    "Entry",
    "Fault",
    "Language",
    "Messages",
    "Phrase",
    "Place",
    "Term",
    "Value",
    "Wording",
    "as_many_as_help",
    "chained",
    "either",
    "fault",
    "near",
    "original",
    "parse_document",
    "phrase",
    "plain_value",
    "quoted",
    "read_document",
    "read_entries",
    "read_entry",
    "read_messages",
    "read_table",
    "read_text",
    "read_texts",
    "readable",
    "shortened",
    "shown",
    "strange",
    "tamed",
    "unknown_fields",
    "why",
]
