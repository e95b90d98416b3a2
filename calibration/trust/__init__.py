"""Whether the fit deserves trust: tried where the answer is known. `python -m calibration.trust` keeps results."""
