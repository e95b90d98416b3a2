"""Vector instructions as LLVM text: a few members side by side in the lanes of one register.

Nothing here knows a processor: the number of lanes, and whether it fuses multiplication and addition, are arguments.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_FREE = "contract"  # a product and a sum may become one fused operation; NaN and infinities stay
_COMPARED = {"=": "oeq", "<>": "une", "<": "olt", "<=": "ole", ">": "ogt", ">=": "oge"}


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
