"""Exp, ln and powers as vector code: what processors have no instruction for, in places that many members need."""

from __future__ import annotations

from .lanes import Lanes

_TINY = 2.2250738585072014e-308  # the least normal number
_ROUNDER = 6755399441055744.0  # 1.5 * 2**52: adding it leaves a whole number in the low bits
_LN2 = (6.93147180369123816490e-01, 1.90821492927058770002e-10)  # high part with zeros at its end, and the rest
_LOG2E = 1.4426950408889634
_EXP_ENDS = (-707.7, 709.782712893384)  # below: 0 (the smallest results would not be normal); above: infinity
_EXP_SERIES = (  # of exp on [-ln 2 / 2, ln 2 / 2], through its Chebyshev points; wrong by less than 2e-17 of it
    1.0, 1.0, 0.5000000000000019, 0.1666666666666668, 0.04166666666648795, 0.008333333333319589,
    0.0013888888952352863, 0.00019841269890076403, 2.4801485441561313e-05, 2.755724088722987e-06,
    2.763265472252779e-07, 2.5110049204818658e-08,
)  # fmt: skip
_LOG_SERIES = (  # of (ln((1+s)/(1-s)) - 2s) / s**3 in s**2, through its Chebyshev points; ln wrong by less than 5e-18
    0.666666666666667, 0.39999999999899444, 0.2857142862600327, 0.22222211130259878, 0.18182889455674947,
    0.15331710618210773, 0.14616585424888623,
)  # fmt: skip


def exponential(w: Lanes, x: str, rest: str = "") -> str:
    """Exp(x + rest) between the ends, the rest being small beside x's last bit but one; NaN of NaN."""
    inside = x
    shifted = w.multiply_add(inside, w.splat(_LOG2E), w.splat(_ROUNDER))
    count = w.emit(f"fsub {w.vector} {shifted}, {w.splat(_ROUNDER)}")
    part = w.multiply_add(count, w.splat(-_LN2[0]), inside)
    part = w.multiply_add(count, w.splat(-_LN2[1]), part)
    if rest:
        part = w.add(part, rest)
    power = w.on_bits("add", w.on_bits("shl", w.bits(shifted), w.whole_splat(52)), w.whole_splat(1022 << 52))
    return w.multiply(
        w.polynomial(part, [2 * one for one in _EXP_SERIES]), w.double(power)
    )  # 2 exp(part) times 2**(count - 1)


def bounded_exponential(w: Lanes, x: str, rest: str = "") -> str:
    """Exp(x + rest) for any x: 0 below the ends and infinity above."""
    below, above = w.compare("olt", x, w.splat(_EXP_ENDS[0])), w.compare("ogt", x, w.splat(_EXP_ENDS[1]))
    inside = w.choose(below, w.splat(0.0), w.choose(above, w.splat(0.0), x))
    result = w.choose(below, w.splat(0.0), exponential(w, inside, rest))
    return w.choose(above, w.splat(float("inf")), result)


def logarithm(w: Lanes, x: str) -> tuple[str, str]:
    """The natural logarithm in two parts, the second small beside the first, of positive normal x."""
    lifted = w.on_bits("add", w.bits(x), w.whole_splat(0x3FF0000000000000 - 0x3FE6A09E667F3BCD))
    exponent = w.on_bits("or", w.on_bits("lshr", lifted, w.whole_splat(52)), w.whole_splat(0x4330000000000000))
    count = w.emit(f"fsub {w.vector} {w.double(exponent)}, {w.splat(2.0**52 + 1023)}")
    low = w.on_bits("and", lifted, w.whole_splat(0x000FFFFFFFFFFFFF))
    f = w.subtract(w.double(w.on_bits("add", low, w.whole_splat(0x3FE6A09E667F3BCD))), w.splat(1.0))
    s = w.divide(f, w.add(f, w.splat(2.0)))
    square = w.multiply(s, s)
    series = w.multiply(square, w.polynomial(square, _LOG_SERIES))
    half = w.multiply(w.multiply(f, f), w.splat(0.5))
    tail = w.multiply_add(s, w.add(half, series), w.multiply(count, w.splat(_LN2[1])))
    small = w.subtract(f, w.subtract(half, tail))
    big = w.emit(f"fmul {w.vector} {count}, {w.splat(_LN2[0])}")  # exact
    return big, small


def write_functions(count: int, fused: bool) -> list[str]:
    """The functions @exp, @log and @power of so many lanes, and of twice as many as @exp.2, @log.2 and @power.2.

    Two at a time take little longer than one, since each alone mostly waits for its own last result.
    """
    lines = []
    for lanes, ending in ((count, ""), (2 * count, ".2")):
        for name, write in (("exp", _write_exp), ("log", _write_log), ("power", _write_power)):
            w = Lanes(lanes, fused)
            result = write(w)
            two = f", {w.vector} %y" if name == "power" else ""
            head = f"define internal {w.vector} @{name}{ending}({w.vector} %x{two}) noinline nounwind {{"
            lines += [head, *w.lines, f"  ret {w.vector} {result}", "}"]
    return lines


def _write_exp(w: Lanes) -> str:
    usual = w.compare("<", w.absolute("%x"), w.splat(-_EXP_ENDS[0]))
    w.do(f"br i1 {w.all(usual)}, label %quick, label %careful")
    w.block("quick")
    w.do(f"ret {w.vector} {exponential(w, '%x')}")
    w.block("careful")
    return bounded_exponential(w, "%x")


def _write_log(w: Lanes) -> str:
    """NaN below 0, minus infinity at 0."""
    usual = w.logic("and", w.compare(">=", "%x", w.splat(_TINY)), w.compare("<", "%x", w.splat(float("inf"))))
    w.do(f"br i1 {w.all(usual)}, label %quick, label %careful")
    w.block("quick")
    big, small_part = logarithm(w, "%x")
    w.do(f"ret {w.vector} {w.add(big, small_part)}")
    w.block("careful")
    small = w.compare("olt", "%x", w.splat(_TINY))
    raised = w.choose(small, w.emit(f"fmul {w.vector} %x, {w.splat(2.0**54)}"), "%x")
    result = w.add(*logarithm(w, raised))
    lowered = w.subtract(result, w.splat(54 * (_LN2[0] + _LN2[1])))
    odd = w.choose(w.compare("ogt", "%x", w.splat(0.0)), w.choose(small, lowered, "%x"), w.splat(float("nan")))
    odd = w.choose(w.compare("=", "%x", w.splat(0.0)), w.splat(float("-inf")), odd)
    return w.choose(usual, result, odd)


def _write_power(w: Lanes) -> str:
    """A quick way where every base is a positive normal number, else each special case."""
    usual = w.logic("and", w.compare(">=", "%x", w.splat(_TINY)), w.compare("<", "%x", w.splat(float("inf"))))
    w.do(f"br i1 {w.all(usual)}, label %quick, label %careful")
    w.block("quick")
    high, rest = _exponent(w, "%x", "%y")
    inside = w.compare("<", w.absolute(high), w.splat(-_EXP_ENDS[0]))
    w.do(f"br i1 {w.all(inside)}, label %quickest, label %careful")
    w.block("quickest")
    w.do(f"ret {w.vector} {exponential(w, high, rest)}")
    w.block("careful")
    size = w.absolute("%x")
    small = w.compare("olt", size, w.splat(_TINY))
    raised = w.choose(small, w.emit(f"fmul {w.vector} {size}, {w.splat(2.0**54)}"), size)
    normal = w.logic("and", w.compare(">=", raised, w.splat(_TINY)), w.compare("<", raised, w.splat(float("inf"))))
    safe = w.choose(normal, raised, w.splat(1.0))
    result = bounded_exponential(w, *_exponent(w, safe, "%y"))
    shrunk = w.multiply(result, bounded_exponential(w, *_exponent(w, w.splat(2.0**-54), "%y")))
    result = w.choose(small, shrunk, result)
    rising = w.compare("ogt", "%y", w.splat(0.0))
    nothing, endless = w.splat(0.0), w.splat(float("inf"))
    result = w.choose(w.compare("=", size, nothing), w.choose(rising, nothing, endless), result)
    result = w.choose(w.compare("=", size, endless), w.choose(rising, endless, nothing), result)
    whole = w.compare("=", w.truncate("%y"), "%y")
    half = w.emit(f"fmul {w.vector} %y, {w.splat(0.5)}")
    odd = w.logic("and", whole, w.compare("<>", w.truncate(half), half))
    negative = w.emit(f"icmp slt {w.whole} {w.bits('%x')}, zeroinitializer")
    flipped = w.choose(odd, w.emit(f"fneg {w.vector} {result}"), result)
    broken = w.logic("and", w.compare("olt", "%x", nothing), w.opposite(whole))
    result = w.choose(negative, flipped, result)
    result = w.choose(broken, w.splat(float("nan")), result)
    result = w.choose(w.compare("uno", "%x", "%y"), w.splat(float("nan")), result)
    return w.choose(w.compare("=", "%y", nothing), w.splat(1.0), result)


def _exponent(w: Lanes, x: str, y: str) -> tuple[str, str]:
    """What to raise e to for a power, y ln x, and its last bits."""
    big, small = logarithm(w, x)
    total = w.emit(f"fadd {w.vector} {big}, {small}")
    rest = w.emit(f"fadd {w.vector} {w.emit(f'fsub {w.vector} {big}, {total}')}, {small}")
    high = w.emit(f"fmul {w.vector} {y}, {total}")
    if not w.fused:
        return high, w.multiply(y, rest)
    lost = w.call(f"llvm.fma.v{w.count}f64", y, total, w.emit(f"fneg {w.vector} {high}"))
    return high, w.multiply_add(y, rest, lost)


def declarations(count: int) -> list[str]:
    """The intrinsic functions used above, for as many lanes and twice as many."""
    lines = []
    for lanes in (count, 2 * count):
        vector, whole = f"<{lanes} x double>", f"<{lanes} x i64>"
        lines += [f"declare {vector} @llvm.{name}.v{lanes}f64({vector})" for name in ("fabs", "sqrt")]
        lines.append(f"declare {vector} @llvm.copysign.v{lanes}f64({vector}, {vector})")
        lines.append(f"declare {vector} @llvm.fma.v{lanes}f64({vector}, {vector}, {vector})")
        lines.append(f"declare i1 @llvm.vector.reduce.and.v{lanes}i1(<{lanes} x i1>)")
        lines.append(f"declare {whole} @llvm.smax.v{lanes}i64({whole}, {whole})")
    return lines
