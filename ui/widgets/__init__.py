"""Parts of pages that a visitor works with."""
