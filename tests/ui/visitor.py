"""A visitor of the app whose browser keeps what its widgets show, as browsers do and AppTest does not.

Streamlit's browser answers each time with the values of all its widgets, as they stand in the browser. What the server
writes to a widget reaches it only once it is built: not while it lies in a closed popover, and not while the answer is
still on its way. AppTest sends what the server holds, and so never sends anything stale; this visitor does.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Widget

from innovation.ui.state import cache
from tests.standin import draws_of, instrument

APP = Path(__file__).parents[2] / "page.py"
TRIGGERS = ("button", "download_button", "file_uploader")


@contextmanager
def few_draws(monkeypatch: Any, members: int = 20, beside: tuple[Any, ...] = ()) -> Iterator[None]:
    """A posterior of few draws for the pages, so that bands and chances are there at once; nothing kept outlives it."""
    monkeypatch.setattr(cache.calibrated, "load", draws_of)
    monkeypatch.setattr(cache, "instrument_of", instrument)
    monkeypatch.setattr(cache, "MEMBERS", members)
    every = (cache.posterior, cache.instrument, cache.instrument_hash, cache._outcome, *beside)
    for kept in every:
        kept.clear()
    yield
    for kept in every:
        kept.clear()


class Visitor:
    """One browser on one page: `shows` is what its widgets show, by their ids; `seen` the page it has drawn."""

    components: Any = None

    def __init__(self, page: str = "", **parameters: str) -> None:
        self.page = AppTest.from_file(APP, default_timeout=120)
        self.page._bidi_component_manager = Visitor.components  # looked for once: it reads all packages there are
        self.page.query_params.update(parameters)
        self.shows: dict[str, WidgetState] = {}
        self.seen: dict[str, Widget] = {}
        self.inside: dict[str, str] = {}  # id of a widget in a popover -> the popover's key
        self.boxes: dict[
            str, tuple[str, bool]
        ] = {}  # name of an expander or popover that tells -> its id, whether open
        self.opened: str | None = None
        self.answers = self.behind = 0  # of the server: all, and those not drawn yet
        self._run()
        Visitor.components = self.page._bidi_component_manager
        if page:
            self.goes(page)

    def named(self, name: str) -> Widget:
        """The widget on the page of this name, whichever of its faces."""
        return self.widgets()[name]

    def widgets(self) -> dict[str, Widget]:
        """All widgets on the page as drawn, by name."""
        return {name_of(widget.key): widget for widget in self.seen.values() if widget.key}

    def value(self, name: str) -> Any:
        """What a widget shows, as the browser would send it; of one never built, what it would show."""
        widget = self.named(name)
        return plain(self.shows.get(widget.id) or _drawn(widget))

    def opens(self, popover: str | None) -> None:
        """Open a popover that tells nobody; whatever was open closes, as it does when one clicks elsewhere."""
        if popover != self.opened:
            self.opened = popover
            self._build()

    def sets(self, name: str, value: Any, hurried: bool = False) -> bool:
        """Change a widget; whether it showed something else. `hurried`: before the answer is drawn."""
        widget = self.named(name)
        self.opens(self.inside.get(widget.id))
        state = _state(widget, value)
        if self.shows[widget.id] == state:
            return False
        self.shows[widget.id] = state
        self._run(hurried=hurried)
        return True

    def clicks(self, name: str, hurried: bool = False) -> bool:
        """Click a button; whether it could be clicked."""
        widget = self.named(name)
        self.opens(self.inside.get(widget.id))
        if widget.proto.disabled:
            return False
        self._run(WidgetState(id=widget.id, trigger_value=True), hurried=hurried)
        return True

    def folds(self, name: str, open: bool) -> None:
        """Open or close an expander or a popover that tells."""
        id, was = self.boxes[name]
        if was != open:
            self.opens(None)
            self.shows[id] = WidgetState(id=id, bool_value=open)
            self._run()

    def uploads(self, content: bytes, name: str) -> None:
        """Put a file into the page's form and send the form off."""
        uploader = self.named("upload")
        button = next(one for one in self.seen.values() if one.type == "button" and one.proto.is_form_submitter)
        uploader.set_value((name, content, "application/yaml"))
        files = uploader._widget_state
        self.page._tree = uploader.root
        button.click()  # AppTest hands over only the files of a form that is sent off
        self._run(files, WidgetState(id=button.id, trigger_value=True))

    def goes(self, path: str) -> None:
        """Follow the menu to another page; its link starts empty."""
        found = self.page._registered_pages
        self.page._page_hash = next(key for key, page in found.items() if page.get("url_pathname", "") == path)
        self.page.query_params.clear()
        self.opened = None
        self._run()

    def connects_again(self) -> None:
        """Say once more what every widget shows."""
        self._run()

    def refreshed(self) -> Visitor:
        """Who opens the address anew: another session, all of whose work comes from the link."""
        found = Visitor.__new__(Visitor)
        path = self.page._registered_pages[self.page._finished_page_script_hash].get("url_pathname", "")
        found.__init__(**{name: str(value) for name, value in self.page.query_params.items()})
        if path:
            kept = dict(found.page.query_params)
            found.page._page_hash = self.page._finished_page_script_hash
            found.page.query_params.update(kept)
            found._run()
        return found

    def _run(self, *triggers: WidgetState, hurried: bool = False) -> None:
        self.page._run(WidgetStates(widgets=[*self.shows.values(), *triggers]))
        self.answers, self.behind = self.answers + 1, self.behind + 1
        if not hurried:
            self._draw()

    def _draw(self) -> None:
        """Draw what the server last said, and forget the widgets that are gone."""
        self.seen, self.inside, self.boxes, self.behind = {}, {}, {}, 0
        for node, popover in _nodes(self.page._tree, None):
            if isinstance(node, Widget):
                self.seen[node.id] = node
                if popover:
                    self.inside[node.id] = popover
            elif node.type in ("expander", "popover"):
                proto = node.proto if node.type == "expander" else node.proto.popover
                if proto.id:
                    is_open = proto.expanded if node.type == "expander" else proto.open
                    self.boxes[name_of(user_key_from_element_id(proto.id) or "")] = (proto.id, is_open)
        here = {*self.seen, *(id for id, _ in self.boxes.values())}
        self.shows = {id: state for id, state in self.shows.items() if id in here}
        self._build()

    def _build(self) -> None:
        """Build what is not in a closed popover; only there does what the server wrote to a widget arrive."""
        for id, widget in self.seen.items():
            if widget.type not in TRIGGERS and self.inside.get(id) in (None, self.opened):
                if id not in self.shows or widget.proto.set_value:
                    self.shows[id] = _drawn(widget)
                widget.proto.set_value = False


def name_of(key: str | None) -> str:
    """Name of a widget without the number of its face."""
    return (key or "").partition("__")[0]


def plain(state: WidgetState) -> Any:
    """What a widget's state says."""
    kind = str(state.WhichOneof("value"))
    found = getattr(state, kind)
    if kind == "double_array_value":
        return found.data[0]
    return list(found.data) if kind == "string_array_value" else found


def _nodes(block: Block, popover: str | None) -> Iterator[tuple[Any, str | None]]:
    """Every node below a block, with the key of the popover around it that tells nobody whether it is open."""
    for node in block.children.values():
        yield node, popover
        if isinstance(node, Block):
            silent = node.type == "popover" and not node.proto.popover.id
            yield from _nodes(node, (node.key or uuid.uuid4().hex) if silent else popover)


def _state(widget: Widget, value: Any) -> WidgetState:
    """What the browser sends once a widget shows `value`: of options, their words."""
    state = WidgetState(id=widget.id)
    if widget.type == "slider":
        state.double_array_value.data[:] = [value]
    elif widget.type in ("multiselect", "button_group"):
        state.string_array_value.data[:] = value
    elif widget.type == "toggle":
        state.bool_value = value
    else:
        state.string_value = value
    return state


def _drawn(widget: Widget) -> WidgetState:
    """What a widget shows as the server described it."""
    proto = widget.proto
    if widget.type == "slider":
        return _state(widget, (proto.value if proto.set_value else proto.default)[0])
    if widget.type == "selectbox":
        return _state(widget, proto.raw_value if proto.set_value else proto.options[proto.default])
    if widget.type == "multiselect":
        return _state(widget, proto.raw_values if proto.set_value else [proto.options[n] for n in proto.default])
    if widget.type == "button_group":
        words = [option.content for option in proto.options]
        return _state(widget, proto.raw_values if proto.set_value else [words[n] for n in proto.default])
    return _state(widget, proto.value if proto.set_value else proto.default)
