"""The line before what costs time: so much at once for all visitors, first come first served, dropped if unwanted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

LOOK_AGAIN = 0.25  # seconds between two looks at how long the line is
Result = TypeVar("Result")
OnWait = Callable[[int], None]


class WaitingLine:
    """Computes what is asked on so many threads, in the order of asking."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._queue: SimpleQueue[Place[object]] = SimpleQueue()
        self._threads = 0
        self._places: list[Place[object]] = []  # not ended, in the order of asking
        self._lock = Lock()

    def take(self, compute: Callable[[Place[Result]], Result], waiting: int = 0) -> Place[Result]:
        """Take a place at the end, where so many wait from the beginning."""
        place = Place(self, compute, waiting)
        with self._lock:
            self._places.append(place)  # type: ignore[arg-type]
            if self._threads < self._at_once:
                self._threads += 1
                Thread(target=self._serve, name="line", daemon=True).start()
        self._queue.put(place)  # type: ignore[arg-type]
        return place

    def ahead(self, place: Place[Result]) -> int:
        """How many computations that were asked for earlier have not ended; 0 for one under way."""
        with self._lock:
            return self._places.index(place) if place in self._places and not place.running else 0  # type: ignore[arg-type]

    def free(self, place: Place[Result]) -> None:
        """Take a place out of the line."""
        with self._lock:
            if place in self._places:
                self._places.remove(place)  # type: ignore[arg-type]

    def _serve(self) -> None:
        while True:
            place = self._queue.get()
            place.serve()
            self.free(place)


class Place(Generic[Result]):
    """One computation in a line, which any number of visitors wait for; it is dropped when the last of them leaves."""

    def __init__(self, line: WaitingLine, compute: Callable[[Place[Result]], Result], waiting: int) -> None:
        self._line, self._compute, self._waiting = line, compute, waiting
        self._future: Future[Result] = Future()
        self._given_up = False
        self._lock = Lock()

    @property
    def running(self) -> bool:
        """Whether it is being computed."""
        return self._future.running()

    @property
    def ended(self) -> bool:
        """Whether it was computed, failed or was dropped."""
        return self._future.done()

    @property
    def failure(self) -> BaseException | None:
        """What the computation raised, where it ended so."""
        return self._future.exception() if self.ended and not self._future.cancelled() else None

    @property
    def ahead(self) -> int:
        """How many computations come before it."""
        return self._line.ahead(self)

    def join(self) -> None:
        """Begin to wait; raises CancelledError where it was dropped before."""
        with self._lock:
            if self._future.cancelled() or self._given_up:
                raise CancelledError
            self._waiting += 1

    def give_up(self) -> bool:
        """Whether a long computation shall end since nobody waits for it; from then on nobody can join."""
        with self._lock:
            self._given_up = self._given_up or not self._waiting
            return self._given_up

    def result(self) -> Result:
        """The result of a computation that ended."""
        return self._future.result(0)

    def leave(self) -> None:
        """Wait no longer."""
        with self._lock:
            self._waiting -= 1
            dropped = not self._waiting and self._future.cancel()
        if dropped:
            self._line.free(self)

    def wait(self, on_wait: OnWait | None = None) -> Result:
        """The result; `on_wait` hears again and again how many come before, and may raise what ends the waiting.

        Raises what the computation raised; CancelledError where it was dropped before.
        """
        self.join()
        try:
            while True:
                try:
                    return self._future.result(LOOK_AGAIN)
                except TimeoutError:
                    if self._future.done():  # the computation's own
                        raise
                if on_wait:
                    on_wait(self.ahead)
        finally:
            self.leave()

    def serve(self) -> None:
        """Compute, unless it was dropped; what is raised is raised again for whoever waits."""
        if not self._future.set_running_or_notify_cancel():
            return
        try:
            result = self._compute(self)
        except BaseException as error:
            self._future.set_exception(error)
        else:
            self._future.set_result(result)
        del self._compute  # and what it held
