"""Subscript ranges: the elements of each, which range a dimension is, and how one range stands in for another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from innovation.engine.errors import Faults, ModelFault
from innovation.engine.frontend.syntax import Mapping, SubscriptRange
from innovation.engine.ir.structure import normalised_name


@dataclass(frozen=True)
class SubscriptLoop:
    """One running subscript of an equation: the range it runs over ('' for a single element) and its elements' keys.

    ``bound`` marks one that a SUM, PROD, VMIN or VMAX runs over.
    """

    range: str
    elements: tuple[str, ...]
    bound: bool = False


class Ranges:
    """All ranges of a file, by normalised name."""

    def __init__(self, ranges: Iterable[SubscriptRange], faults: Faults) -> None:
        self.spelling: dict[str, str] = {}
        self.ill_mapped: set[str] = set()  # whose mapping has a fault that has been named
        self._written: dict[str, SubscriptRange] = {}
        self._elements: dict[str, tuple[str, ...]] = {}
        for item in ranges:
            key = normalised_name(item.name)
            if key in self._written:
                faults.append(
                    ModelFault(
                        item.line,
                        item.name,
                        f"this range is defined a second time (first on line {self._written[key].line}).",
                    )
                )
                continue
            self._written[key] = item
            self.spelling[key] = item.name
        for key in self._written:
            self._elements.setdefault(key, self._expand(key, (), faults))
        self._elements = {key: self._elements[key] for key in self._written}
        self._positions = {
            key: {element: place for place, element in enumerate(elements)} for key, elements in self._elements.items()
        }
        self._holding: dict[str, list[str]] = {}
        for key, elements in self._elements.items():
            for element in elements:
                self._holding.setdefault(element, []).append(key)
        for item in self._written.values():
            for mapping in item.mappings:
                if message := self._mapping_fault(item, mapping, faults):
                    faults.append(ModelFault(item.line, item.name, message))
                    self.ill_mapped.add(normalised_name(item.name))

    def _mapping_fault(self, item: SubscriptRange, mapping: Mapping, faults: Faults) -> str:
        """What is wrong with a mapping, if anything: each element has one that it belongs to (Vensim manual)."""
        onto = normalised_name(mapping.onto)
        if onto not in self._written:
            close = faults.nearest(mapping.onto, self.spelling.values)
            return f'it maps to "{mapping.onto}", which is no range.{close}'
        own, targets = self._elements[normalised_name(item.name)], mapping.targets
        count = len(self._elements[onto] if targets is None else targets)
        if count != len(own):
            there = f"has {count}" if targets is None else f"is given {count} in brackets"
            return f'it has {len(own)} elements, and "{mapping.onto}", which it maps to, {there}; as many are needed.'
        taken: set[str] = set()
        for target in targets or ():
            key = normalised_name(target)
            members = set(self._elements.get(key, (key,)))
            if not members <= set(self._elements[onto]):
                close = faults.nearest(target, lambda: [self.spelling[one] for one in self._elements[onto]])
                return f'it maps to "{target}", which is not in "{mapping.onto}".{close}'
            if twice := taken & members:
                return f'it maps two elements to "{self.spelling[min(twice)]}" of "{mapping.onto}".'
            taken |= members
        return ""

    def _expand(self, key: str, above: tuple[str, ...], faults: Faults) -> tuple[str, ...]:
        """The elements of a range; members that are ranges themselves are opened."""
        if key in self._elements:
            return self._elements[key]
        item = self._written[key]
        members = (item.copies,) if item.copies is not None else item.members
        found: list[str] = []
        for member in members:
            inner = normalised_name(member)
            if inner in above or (inner == key and item.copies is not None):
                faults.append(ModelFault(item.line, item.name, "this range is made of itself."))
            elif inner in self._written and inner != key:
                found += self._expand(inner, (*above, key), faults)
            elif item.copies is not None:
                faults.append(
                    ModelFault(
                        item.line,
                        item.name,
                        f'it copies "{member}", which is no range.{faults.nearest(member, self.spelling.values)}',
                    )
                )
            else:
                self.spelling.setdefault(inner, member.strip().strip('"'))
                found.append(inner)
        self._elements[key] = tuple(dict.fromkeys(found))
        return self._elements[key]

    def __contains__(self, key: str) -> bool:
        return key in self._elements

    def names(self) -> list[str]:
        """Ranges and elements in the file's spelling."""
        return list(self.spelling.values())

    def elements(self, key: str) -> tuple[str, ...]:
        """The element keys of a range."""
        return self._elements[key]

    def positions(self, key: str) -> dict[str, int]:
        """The place of each element key in a range, from 0."""
        return self._positions[key]

    def is_element(self, key: str) -> bool:
        """Whether a range holds this element."""
        return key in self._holding

    def __iter__(self) -> Iterator[str]:
        return iter(self._elements)

    def dimension_for(self, covered: set[str], mentioned: Iterable[str]) -> str | None:
        """The range that a dimension is: exactly the covered elements if one is, else the smallest that holds them.

        Ranges that the definitions mention win over others.
        """
        some = next(iter(covered), "")
        order = [*dict.fromkeys(mentioned), *self._holding.get(some, ())]
        holding = [key for key in order if covered <= self._positions[key].keys()]
        return min(holding, key=lambda key: len(self._elements[key]), default=None)

    def main_position(self, element: str) -> int:
        """The place of an element in the widest range that holds it, from 1: its value where it stands for a number."""
        widest = max(self._holding[element], key=lambda key: len(self._elements[key]))
        return self._positions[widest][element] + 1

    def standing_in(self, wanted: str, loop: SubscriptLoop) -> tuple[str, ...] | None:
        """The elements of range ``wanted`` that belong to the steps of a loop over another; None where none do."""
        if not loop.range:
            return None
        elements = self._elements[wanted]
        whole = self._elements[loop.range]
        if set(elements) == set(whole):
            return loop.elements
        pairs = self._pairs(wanted, loop.range)
        found = {target: source for source, target in pairs or ()}
        if pairs and all(element in found for element in loop.elements):
            return tuple(found[element] for element in loop.elements)
        return None

    def _pairs(self, source: str, target: str) -> list[tuple[str, str]] | None:
        """The (element of source, of target) pairs of a mapping from one range to another, or to one that holds it."""
        inside = set(self._elements[target])
        for mapping in self._written[source].mappings:
            onto = normalised_name(mapping.onto)
            if onto not in self._elements or not (onto == target or inside <= set(self._elements[onto])):
                continue
            if mapping.targets is None:
                return list(zip(self._elements[source], self._elements[onto], strict=False))
            pairs = []
            for element, text in zip(self._elements[source], mapping.targets, strict=False):
                key = normalised_name(text)
                pairs += [(element, one) for one in (self._elements.get(key, (key,)))]
            return pairs
        return None
