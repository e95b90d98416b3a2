"""The pencil of the diagrams: text, boxes, lines, and the sheet they stand on.

Colours are those of Okabe and Ito (2008), which colour-blind readers tell apart; shapes say the same as colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from innovation.model.vensim.geometry import LINE, SIZE, Box, Point

INK, GREY, PAPER = "#1a1a1a", "#5f5f5f", "#ffffff"
BLUE, ORANGE, GREEN, VERMILION = "#0072b2", "#e69f00", "#009e73", "#d55e00"
FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"


def text(
    lines: Sequence[str], at: Point, anchor: str = "middle", size: float = SIZE, style: str = "", colour: str = INK
) -> str:
    """Lines of text around a middle height, with a halo of paper so that links don't strike them through."""
    step = LINE * size / SIZE
    top = at[1] - (len(lines) - 1) * step / 2 + size * 0.35
    rows = "".join(
        f'<tspan x="{at[0]:.1f}" y="{top + number * step:.1f}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    look = f' font-size="{size:g}"' if size != SIZE else ""
    look += f' text-anchor="{anchor}"' if anchor != "middle" else ""
    look += f' fill="{colour}"' if colour != INK else ""
    return f"<text{look}{style and ' ' + style}>{rows}</text>"


def rectangle(box: Box, look: str, radius: float = 0) -> str:
    """A box drawn."""
    size = f'width="{box.right - box.left:.1f}" height="{box.bottom - box.top:.1f}"'
    corner = f' rx="{radius:g}"' if radius else ""
    return f'<rect x="{box.left:.1f}" y="{box.top:.1f}" {size}{corner} {look}/>'


def path(points: Iterable[Point], look: str, closed: bool = False) -> str:
    """Straight lines from point to point."""
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{way}{"Z" if closed else ""}" {look}/>'


ARROWS = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto" '
    f'markerUnits="userSpaceOnUse"><path d="M0 0.8L8 4L0 7.2Z" fill="{GREY}"/></marker>'
)


def sheet(size: tuple[float, float], title: str, description: str, parts: Iterable[str]) -> str:
    """A whole SVG on a white card of its own, with a title and a description for those who hear it read."""
    wide, high = (round(side) for side in size)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        f'role="img" aria-labelledby="title desc" font-family="{FONT}" font-size="{SIZE:g}" fill="{INK}" '
        'text-anchor="middle">'
    )
    card = rectangle(Box(0.5, 0.5, wide - 0.5, high - 0.5), f'fill="{PAPER}" stroke="#c8c8c8"', 8)
    halo = f"text{{paint-order:stroke;stroke:{PAPER};stroke-width:3px;stroke-linejoin:round}}.in{{stroke:none}}"
    names = f'<title id="title">{escape(title)}</title>\n<desc id="desc">{escape(description)}</desc>'
    return "\n".join((head, names, f"<defs>{ARROWS}<style>{halo}</style></defs>", card, *parts, "</svg>")) + "\n"
