"""What the published record says of the city and what it does not: the evidence behind docs/calibration.md.

Light parts are computed when the page is written; heavy ones by `python -m calibration.evidence`, which keeps their
results below calibration/results/ with the model, the record and the draws they belong to.
"""
