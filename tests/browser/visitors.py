"""Visitors without browsers, who speak the page's own protocol: what they wait for is the server's work alone."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

CHART = "vega_lite_chart"
CHARTS = 2


class Visitor:
    """One session with the lab: its sliders, and the seconds until both charts of a change have come."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._page = ""
        self.sliders: dict[str, Any] = {}
        self.pictures: list[list[dict[str, Any]]] = []  # rows of the charts of the last run, in order

    async def opens(self) -> float:
        """Open the page; seconds until its charts have come."""
        return await self._run(WidgetStates())

    async def moves(self, number: int, steps: int) -> float:
        """Put one slider so many steps above where it was at first; seconds until the charts have come."""
        slider = list(self.sliders.values())[number]
        return await self.puts(number, min(max(slider.default[0] + steps * slider.step, slider.min), slider.max))

    async def puts(self, number: int, value: float) -> float:
        """Put one slider to a value; seconds until the charts have come."""
        state = WidgetState(id=list(self.sliders.values())[number].id)
        state.double_array_value.data.append(value)
        return await self._run(WidgetStates(widgets=[state]))

    async def _run(self, states: WidgetStates) -> float:
        asked = BackMsg(
            rerun_script=ClientState(
                query_string="lang=zh", page_script_hash=self._page, page_name="lab", widget_states=states
            )
        )
        started = time.perf_counter()
        await self._socket.send(asked.SerializeToString())
        self.pictures, seconds = [], 0.0
        while True:
            message = ForwardMsg.FromString(await self._socket.recv())
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._page = message.navigation.page_script_hash
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                what = element.WhichOneof("type")
                if what == "slider":
                    self.sliders.setdefault(element.slider.id, element.slider)
                elif what == CHART:
                    self.pictures.append(pa.ipc.open_stream(element.vega_lite_chart.data.data).read_all().to_pylist())
                    seconds = time.perf_counter() - started if len(self.pictures) == CHARTS else seconds
            elif kind == "script_finished":
                if len(self.pictures) < CHARTS:
                    raise RuntimeError(f"The page ended with {len(self.pictures)} of {CHARTS} charts.")
                return seconds


def visit(address: str, origin: str | None = None) -> connect:
    """A connection for a Visitor, to use with `async with`; of the page's own origin where none is given."""
    at = urlsplit(address)
    return connect(
        address.replace("http", "ws", 1) + "/_stcore/stream",
        max_size=None,
        origin=origin or f"{at.scheme}://{at.netloc}",
        subprotocols=["streamlit"],
        proxy=None,
    )
