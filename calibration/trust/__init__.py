"""Whether the fit deserves trust: tried where the answer is known.

`python -m innovation.calibration.trust` keeps results.
"""
