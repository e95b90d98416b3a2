"""Who may ask for how much at once, and what a browser may do."""
