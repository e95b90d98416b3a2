"""Vector instructions as LLVM text: a few members side by side in the lanes of one register.

Nothing here knows a processor: the number of lanes, and whether it fuses multiplication and addition, are arguments.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_FREE = "contract"  # a product and a sum may become one fused operation; NaN and infinities stay
_COMPARED = {"=": "oeq", "<>": "une", "<": "olt", "<=": "ole", ">": "ogt", ">=": "oge"}
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


def number_text(value: float) -> str:
    """A double as LLVM writes it without loss."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


class Lanes:
    """Writes the instructions of one function; every method answers the name of its result."""

    def __init__(self, count: int, fused: bool, exact: bool = False) -> None:
        self.count = count
        self.fused = fused
        self.flags = "" if exact else f"{_FREE} "
        self.vector = f"<{count} x double>"
        self.whole = f"<{count} x i64>"
        self.truth = f"<{count} x i1>"
        self.lines: list[str] = []
        self.labels = 0
        self._last = 0

    # plain instructions

    def emit(self, instruction: str, name: str = "") -> str:
        """An instruction with a result."""
        self._last += 1
        name = name or f"%v{self._last}"
        self.lines.append(f"  {name} = {instruction}")
        return name

    def do(self, instruction: str) -> None:
        """An instruction without a result."""
        self.lines.append(f"  {instruction}")

    def block(self, label: str) -> None:
        """The beginning of a block."""
        self.lines.append(f"{label}:")

    def splat(self, value: float) -> str:
        """The same number in every lane."""
        return f"splat (double {number_text(value)})"

    def whole_splat(self, value: int) -> str:
        """The same whole number in every lane."""
        return f"splat (i64 {value})"

    def arithmetic(self, operation: str, a: str, b: str) -> str:
        """One of fadd, fsub, fmul and fdiv."""
        return self.emit(f"{operation} {self.flags}{self.vector} {a}, {b}")

    def add(self, a: str, b: str) -> str:
        """The sum."""
        return self.arithmetic("fadd", a, b)

    def subtract(self, a: str, b: str) -> str:
        """The difference."""
        return self.arithmetic("fsub", a, b)

    def multiply(self, a: str, b: str) -> str:
        """The product."""
        return self.arithmetic("fmul", a, b)

    def divide(self, a: str, b: str) -> str:
        """The quotient."""
        return self.arithmetic("fdiv", a, b)

    def multiply_add(self, a: str, b: str, c: str) -> str:
        """The value of a * b + c, rounded once where the processor can."""
        if self.fused:
            return self.call(f"llvm.fma.v{self.count}f64", a, b, c)
        return self.add(self.multiply(a, b), c)

    def call(self, function: str, *arguments: str) -> str:
        """A function of vectors."""
        listed = ", ".join(f"{self.vector} {one}" for one in arguments)
        return self.emit(f"call {self.vector} @{function}({listed})")

    def call_two(self, function: str, *arguments: Sequence[str]) -> tuple[str, str]:
        """A function of twice as many lanes for two vectors at once."""
        wide = f"<{2 * self.count} x double>"
        order = ", ".join(f"i32 {lane}" for lane in range(2 * self.count))
        joined = [
            self.emit(f"shufflevector {self.vector} {one}, {self.vector} {two}, <{2 * self.count} x i32> <{order}>")
            for one, two in arguments
        ]
        both = self.emit(f"call {wide} @{function}.2({', '.join(f'{wide} {one}' for one in joined)})")
        halves = []
        for first in (0, self.count):
            lanes = ", ".join(f"i32 {first + lane}" for lane in range(self.count))
            halves.append(self.emit(f"shufflevector {wide} {both}, {wide} poison, <{self.count} x i32> <{lanes}>"))
        return halves[0], halves[1]

    def compare(self, sign: str, a: str, b: str) -> str:
        """Which lanes hold ``a sign b``; false where either is NaN, but for <>."""
        return self.emit(f"fcmp {_COMPARED.get(sign, sign)} {self.vector} {a}, {b}")

    def choose(self, condition: str, yes: str, no: str) -> str:
        """Lane by lane ``yes`` where the condition holds, else ``no``."""
        return self.emit(f"select {self.truth} {condition}, {self.vector} {yes}, {self.vector} {no}")

    def logic(self, operation: str, a: str, b: str) -> str:
        """One of and, or, xor."""
        return self.emit(f"{operation} {self.truth} {a}, {b}")

    def opposite(self, a: str) -> str:
        """The negation."""
        return self.logic("xor", a, "splat (i1 true)")

    def on_bits(self, operation: str, a: str, b: str) -> str:
        """An operation on whole numbers."""
        return self.emit(f"{operation} {self.whole} {a}, {b}")

    def bits(self, a: str) -> str:
        """A double's bits as a whole number."""
        return self.emit(f"bitcast {self.vector} {a} to {self.whole}")

    def double(self, a: str) -> str:
        """Bits as a double."""
        return self.emit(f"bitcast {self.whole} {a} to {self.vector}")

    def load(self, pointer: str, name: str = "") -> str:
        """A vector from memory."""
        return self.emit(f"load {self.vector}, ptr {pointer}, align 8", name)

    def store(self, value: str, pointer: str) -> None:
        """A vector into memory."""
        self.do(f"store {self.vector} {value}, ptr {pointer}, align 8")

    def spread(self, pointer: str) -> str:
        """A single double from memory in every lane."""
        return self.broadcast(self.emit(f"load double, ptr {pointer}, align 8"))

    def offset(self, pointer: str, count: int | str, kind: str = "double") -> str:
        """A pointer some elements further on."""
        if count == 0:
            return pointer
        return self.emit(f"getelementptr {kind}, ptr {pointer}, i64 {count}")

    def broadcast(self, value: str, kind: str = "double") -> str:
        """A single value in every lane."""
        vector = f"<{self.count} x {kind}>"
        first = self.emit(f"insertelement {vector} poison, {kind} {value}, i64 0")
        return self.emit(f"shufflevector {vector} {first}, {vector} poison, <{self.count} x i32> zeroinitializer")

    def fetch(self, base: str, place: str) -> str:
        """One double a lane from an array, at the places that whole numbers name."""
        result = "poison"
        for lane in range(self.count):
            number = self.emit(f"extractelement {self.whole} {place}, i64 {lane}")
            pointer = self.emit(f"getelementptr double, ptr {base}, i64 {number}")
            value = self.emit(f"load double, ptr {pointer}, align 8")
            result = self.emit(f"insertelement {self.vector} {result}, double {value}, i64 {lane}")
        return result

    def by_lane(self, place: str) -> str:
        """Places of vectors in memory as places of each lane's double."""
        numbers = ", ".join(f"i64 {lane}" for lane in range(self.count))
        return self.on_bits("add", self.on_bits("mul", place, self.whole_splat(self.count)), f"<{numbers}>")

    def all(self, condition: str) -> str:
        """Whether a condition holds in every lane, as an i1."""
        return self.emit(f"call i1 @llvm.vector.reduce.and.v{self.count}i1({self.truth} {condition})")

    # small functions written in place

    def minimum(self, a: str, b: str) -> str:
        """The lesser; NaN where either is."""
        return self._least("olt", a, b)

    def maximum(self, a: str, b: str) -> str:
        """The greater; NaN where either is."""
        return self._least("ogt", a, b)

    def _least(self, sign: str, a: str, b: str) -> str:
        if b.startswith("splat"):
            a, b = b, a
        picked = self.choose(self.compare(sign, a, b), a, b)  # b where either is NaN
        return picked if a.startswith("splat") else self.choose(self.compare("uno", a, a), a, picked)

    def absolute(self, a: str) -> str:
        """The size."""
        return self.call(f"llvm.fabs.v{self.count}f64", a)

    def truncate(self, a: str) -> str:
        """The whole part, without instructions that some processors lack."""
        size = self.absolute(a)
        near = self.emit(f"fadd {self.vector} {size}, {self.splat(2.0**52)}")
        near = self.emit(f"fsub {self.vector} {near}, {self.splat(2.0**52)}")
        over = self.choose(self.compare(">", near, size), self.splat(1.0), self.splat(0.0))
        down = self.emit(f"fsub {self.vector} {near}, {over}")
        part = self.choose(self.compare("olt", size, self.splat(2.0**52)), down, size)
        return self.call(f"llvm.copysign.v{self.count}f64", part, a)

    def polynomial(self, x: str, coefficients: Sequence[float]) -> str:
        """Coefficients from the constant up: the even powers and the odd ones side by side."""
        square = self.multiply(x, x)
        even, odd = (self._horner(square, coefficients[first::2]) for first in (0, 1))
        return self.multiply_add(odd, x, even)

    def _horner(self, x: str, coefficients: Sequence[float]) -> str:
        total = self.splat(coefficients[-1])
        for one in reversed(coefficients[:-1]):
            total = self.multiply_add(total, x, self.splat(one))
        return total


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
