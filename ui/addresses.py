"""The addresses of the page's parts, below the server's own."""

FIRST = "today"  # stands at the root, too
ADDRESSES = (FIRST, "lab", "compare", "matters", "evidence", "model", "guide")
