"""Commands about the city: its scenarios, its draws, and all that is made from its files."""
