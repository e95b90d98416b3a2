"""An epidemic by age, of any size, as the text of a model file: a large array model for tests and benchmarks."""

from __future__ import annotations

EQUATIONS = """
age: {ages} ~~|
other <-> age ~~|
contact[age,other] = {contacts} ~~|
people[age] = {people} ~~|
transmission = 0.04 ~~|
incubation time = 4 ~~|
infectious time = 6 ~~|
season = 1 + 0.2 * COS(2 * 3.14159265 * Time / 365) ~~|
closing = WITH LOOKUP(Time, ((0,1),(40,1),(50,0.5),(90,0.5),(120,0.9))) ~~|
force[age] = transmission * season * closing * SUM(contact[age,other!] * infectious[other!] / people[other!]) ~~|
infection[age] = susceptible[age] * force[age] ~~|
onset[age] = exposed[age] / incubation time ~~|
recovery[age] = infectious[age] / infectious time ~~|
susceptible[age] = INTEG(-infection[age], people[age] - 1) ~~|
exposed[age] = INTEG(infection[age] - onset[age], 0) ~~|
infectious[age] = INTEG(onset[age] - recovery[age], 1) ~~|
recovered[age] = INTEG(recovery[age], 0) ~~|
cases = SUM(infectious[age!]) ~~|
all people = SUM(susceptible[age!]) + SUM(exposed[age!]) + SUM(infectious[age!]) + SUM(recovered[age!]) ~~|
INITIAL TIME = 0 ~~|
FINAL TIME = 200 ~~|
TIME STEP = 0.25 ~~|
SAVEPER = 1 ~~|
"""


def contact(age: int, other: int) -> float:
    """Contacts a day between two ages: most with one's own and some with parents or children."""
    return round(4 / (1 + abs(age - other)) + (1.5 if abs(age - other) == 5 else 0.1), 3)


def seir_text(ages: int = 16) -> str:
    """The epidemic with this many ages: 4 stocks and 3 flows each, and a sum over ages x ages at every step."""
    rows = (",".join(str(contact(age, other)) for other in range(ages)) for age in range(ages))
    return EQUATIONS.format(
        ages=", ".join(f"a{age}" for age in range(ages)),
        contacts="".join(f"{row};" for row in rows) if ages > 1 else str(contact(0, 0)),
        people=",".join(str(1000 + 10 * age) for age in range(ages)),
    )
