"""The addresses of the page's parts, below the server's own; the translations title each under the same name."""

FIRST = "today"  # stands at the root, too
ADDRESSES = (FIRST, "lab", "compare", "matters", "evidence", "model", "guide")
