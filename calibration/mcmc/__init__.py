"""Draws from any density: ensembles of walkers, their starts, their diagnostics."""
