"""Results kept for all visitors, those asked for last; safe to ask from many threads at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from .outcomes import Outcome


class Results:
    """Whole outcomes by key. One is computed at a time, so that the small first parts of others need not wait."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._outcomes: OrderedDict[Hashable, Outcome] = OrderedDict()
        self._reading, self._computing = Lock(), Lock()

    def found(self, key: Hashable) -> Outcome | None:
        """The outcome under `key`, or None."""
        with self._reading:
            if key in self._outcomes:
                self._outcomes.move_to_end(key)
            return self._outcomes.get(key)

    def whole(self, key: Hashable, compute: Callable[[], Outcome]) -> Outcome:
        """The outcome under `key`, computed where there is none yet; what `compute` raises passes through."""
        at_hand = self.found(key)
        if at_hand:
            return at_hand
        with self._computing:
            made = self.found(key) or compute()
        with self._reading:
            self._outcomes[key] = made
            while len(self._outcomes) > self._most:
                self._outcomes.popitem(last=False)
        return made
