"""How the model does on figures that a fit has not seen."""
