"""A visitor's work, and what all visitors share."""
