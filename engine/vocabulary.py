"""The words of the trade: what a modeller may write, and what exists elsewhere and is refused by name."""

from __future__ import annotations

from engine.functions import FUNCTIONS

_SAME_HERE = """if_then_else active_initial min max abs exp ln log sqrt power sin cos tan arcsin arccos arctan sinh cosh
    tanh integer quantum modulo zidz xidz step pulse pulse_train smooth_n delay_n trend forecast sample_if_true
    delay_fixed initial"""
# What a modeller writes, and how many arguments each takes there; the parser turns some into other forms.
SPELLINGS: dict[str, tuple[int, ...]] = {
    **{name: FUNCTIONS[name].arguments for name in _SAME_HERE.split()},
    **dict.fromkeys(("smooth", "smooth3", "delay1", "delay3", "integ", "lookup_extrapolate"), (2,)),
    **dict.fromkeys(("smoothi", "smooth3i", "delay1i", "delay3i", "ramp"), (3,)),
    **dict.fromkeys(("sum", "prod", "vmin", "vmax", "elmcount", "game"), (1,)),
}

# Functions that exist in the trade and that the engine does not compute: refused by name, never guessed at.
_RANDOM = """random_uniform random_normal random_0_1 random_exponential random_poisson random_gamma random_beta
    random_triangular random_lognormal random_weibull random_pink_noise random normal exprnd lognormal poisson
    uniform"""
_OTHER_FILES = """get_xls_data get_direct_data get_xls_constants get_direct_constants get_xls_lookups get_direct_lookups
    get_xls_subscript get_direct_subscript get_data_at_time get_data_between_times get_data_last_time
    get_data_first_time get_data_max get_data_min get_data_mean tabxl"""
_LATER = """allocate_available allocate_by_priority alloc_p demand_at_price supply_at_price find_market_price find_zero
    vector_select vector_sort_order vector_reorder vector_rank vector_elm_map vector_lookup invert_matrix
    get_time_value shift_if_true simultaneous a_function_of delay_conveyor delay_material delay_information delay_p
    delay_profile delay_batch delay_lost gamma_ln lookup_forward lookup_backward lookup_invert lookup_area lookup_slope
    lookup_handle forecast_from_a_trend npv irr internal_rate_of_return sample_until tabbed_array message conveyor queue
    data_equation previous history cgrowth counter sintegration rank mean stddev size endval"""
REFUSED: dict[str, str] = {
    **dict.fromkeys(_RANDOM.split(), "random numbers are drawn outside a model, as parameters"),
    **dict.fromkeys(_OTHER_FILES.split(), "it reads another file"),
    **dict.fromkeys(_LATER.split(), "the engine has no equations for it yet"),
}
