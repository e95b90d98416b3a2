"""Statements under `answers` of checks.yaml that the model does not keep yet; take one out as soon as it does."""

AWAITED = {
    "own_brands_do_not_lower_high_tech",
    "own_brands_do_not_lower_output",
    "plan_lowers_no_industry",
    "procurement_is_produced",
    "vehicles_harm_nobody",
    "investment_falls_costs_output",
    "investment_falls_raises_contribution_little",
    "capacity_is_used_in_2015",
    "capacity_is_used_in_2020",
    "capacity_is_used_in_2025",
    "science_money_saturates",
    "half_of_spending_to_science_brings_little",
    "biomedicine_programme_raises_its_industry",
    "programmes_raise_high_tech",
    "platforms_matter_for_output",
    "first_class_number_can_be_reached",
    "graduates_who_stay_raise_output",
    "attracted_talent_raises_output",
    "tax_relief_raises_research_of_2015",
}


def is_awaited(law: str) -> bool:
    """Whether a law that `check` names is a statement that is awaited."""
    return law.removeprefix("answer: ").replace(" ", "_") in AWAITED
