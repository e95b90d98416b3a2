"""What matters: many runs by a design, and what they say of constants, levers and assumptions."""
