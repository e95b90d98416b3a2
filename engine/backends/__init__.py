"""The back-ends, which compute a program for many members: NumPy's as the reference, machine code for speed."""
