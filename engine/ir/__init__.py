"""The intermediate representation: a model's structure, what is computed when, and the operations that do it."""

from .structure import (
    TIME_CONTROLS,
    Call,
    Expression,
    Initial,
    Reference,
    Stock,
    Structure,
    Variable,
    children,
    normalised_name,
    python_name,
    references,
    rule_expressions,
)

__all__ = [
    "TIME_CONTROLS",
    "Call",
    "Expression",
    "Initial",
    "Reference",
    "Stock",
    "Structure",
    "Variable",
    "children",
    "normalised_name",
    "python_name",
    "references",
    "rule_expressions",
]
