"""The NumPy back-end: Python text over arrays of members; fallback and oracle."""
