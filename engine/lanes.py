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
_EXP_TERMS = 13
_LOG_SERIES = (  # of log((1 + s)/(1 - s)) in s**2, minimised error on [0, 0.1716]
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
    1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
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
        """Coefficients from the constant up, by pairs, so that few steps wait for one another."""
        terms = [self.splat(one) for one in coefficients]
        power = x
        while len(terms) > 1:
            pairs = [
                self.multiply_add(terms[place + 1], power, terms[place]) if place + 1 < len(terms) else terms[place]
                for place in range(0, len(terms), 2)
            ]
            terms = pairs
            if len(terms) > 1:
                power = self.multiply(power, power)
        return terms[0]


def exponential(w: Lanes, x: str, rest: str = "") -> str:
    """Exp(x + rest) between the ends, the rest being small beside x's last bit but one; NaN of NaN."""
    inside = x
    shifted = w.multiply_add(inside, w.splat(_LOG2E), w.splat(_ROUNDER))
    count = w.emit(f"fsub {w.vector} {shifted}, {w.splat(_ROUNDER)}")
    part = w.multiply_add(count, w.splat(-_LN2[0]), inside)
    part = w.multiply_add(count, w.splat(-_LN2[1]), part)
    if rest:
        part = w.add(part, rest)
    coefficients, factorial = [], 1.0
    for term in range(_EXP_TERMS + 1):
        factorial *= max(term, 1)
        coefficients.append(2.0 / factorial)
    power = w.on_bits("add", w.on_bits("shl", w.bits(shifted), w.whole_splat(52)), w.whole_splat(1022 << 52))
    return w.multiply(w.polynomial(part, coefficients), w.double(power))  # 2 exp(part) times 2**(count - 1)


def bounded_exponential(w: Lanes, x: str, rest: str = "") -> str:
    """Exp(x + rest) for any x: 0 below the ends and infinity above."""
    below, above = w.compare("olt", x, w.splat(_EXP_ENDS[0])), w.compare("ogt", x, w.splat(_EXP_ENDS[1]))
    inside = w.choose(below, w.splat(0.0), w.choose(above, w.splat(0.0), x))
    result = w.choose(below, w.splat(0.0), exponential(w, inside, rest))
    return w.choose(above, w.splat(float("inf")), result)


def logarithm(w: Lanes, x: str) -> tuple[str, str]:
    """The natural logarithm in two parts, the second small beside the first, of normal x over 0; series: fdlibm's."""
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


def write_exp(count: int, fused: bool) -> list[str]:
    """The function @exp."""
    w = Lanes(count, fused)
    usual = w.compare("<", w.absolute("%x"), w.splat(-_EXP_ENDS[0]))
    w.do(f"br i1 {w.all(usual)}, label %quick, label %careful")
    w.block("quick")
    w.do(f"ret {w.vector} {exponential(w, '%x')}")
    w.block("careful")
    return _function(w, "exp", ["%x"], bounded_exponential(w, "%x"))


def write_log(count: int, fused: bool) -> list[str]:
    """The function @log: NaN below 0, minus infinity at 0."""
    w = Lanes(count, fused)
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
    return _function(w, "log", ["%x"], w.choose(usual, result, odd))


def write_power(count: int, fused: bool) -> list[str]:
    """The function @power: a quick way where every base is a positive normal number, else each special case."""
    w = Lanes(count, fused)
    usual = w.logic("and", w.compare(">=", "%x", w.splat(_TINY)), w.compare("<", "%x", w.splat(float("inf"))))
    w.do(f"br i1 {w.all(usual)}, label %quick, label %careful")
    w.block("quick")
    w.do(f"ret {w.vector} {_positive_power(w, '%x', '%y')}")
    w.block("careful")
    size = w.absolute("%x")
    small = w.compare("olt", size, w.splat(_TINY))
    raised = w.choose(small, w.emit(f"fmul {w.vector} {size}, {w.splat(2.0**54)}"), size)
    normal = w.logic("and", w.compare(">=", raised, w.splat(_TINY)), w.compare("<", raised, w.splat(float("inf"))))
    safe = w.choose(normal, raised, w.splat(1.0))
    result = _positive_power(w, safe, "%y")
    shrunk = w.multiply(result, _positive_power(w, w.splat(2.0**-54), "%y"))
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
    result = w.choose(w.compare("=", "%y", nothing), w.splat(1.0), result)
    return _function(w, "power", ["%x", "%y"], result)


def _positive_power(w: Lanes, x: str, y: str) -> str:
    """Exp(y ln x) with the last bits of y ln x carried along."""
    big, small = logarithm(w, x)
    total = w.emit(f"fadd {w.vector} {big}, {small}")
    rest = w.emit(f"fadd {w.vector} {w.emit(f'fsub {w.vector} {big}, {total}')}, {small}")
    high = w.emit(f"fmul {w.vector} {y}, {total}")
    if not w.fused:
        return bounded_exponential(w, high, w.multiply(y, rest))
    lost = w.call(f"llvm.fma.v{w.count}f64", y, total, w.emit(f"fneg {w.vector} {high}"))
    return bounded_exponential(w, high, w.multiply_add(y, rest, lost))


def _function(w: Lanes, name: str, parameters: list[str], result: str) -> list[str]:
    listed = ", ".join(f"{w.vector} {one}" for one in parameters)
    head = f"define internal {w.vector} @{name}({listed}) noinline nounwind {{"
    return [head, *w.lines, f"  ret {w.vector} {result}", "}"]


def declarations(count: int) -> list[str]:
    """The intrinsic functions used above; vectors of them are declared as plain functions."""
    vector = f"<{count} x double>"
    more = [
        f"declare i1 @llvm.vector.reduce.and.v{count}i1(<{count} x i1>)",
        f"declare <{count} x i64> @llvm.smax.v{count}i64(<{count} x i64>, <{count} x i64>)",
    ]
    one = [f"declare {vector} @llvm.{name}.v{count}f64({vector})" for name in ("fabs", "sqrt")]
    two = [f"declare {vector} @llvm.copysign.v{count}f64({vector}, {vector})"]
    three = [f"declare {vector} @llvm.fma.v{count}f64({vector}, {vector}, {vector})"]
    return [*one, *two, *three, *more]
