"""Commands of many runs, which write folders, and of what these say."""
