"""Take pictures of the pages: `python -m tests.browser.screenshots [FOLDER]`; docs/images by default."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

from .served import ROOT, browser, choose_plan, served, settle

PAGES = ("today", "lab", "compare", "matters", "evidence", "model", "guide")
PATHS = {"today": ""}
COLOURS, FREQUENT = 256, 192


def main() -> None:
    """Write a picture of every page in each language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--page", choices=PAGES, action="append")
    parser.add_argument("--language", choices=("zh", "en"), action="append")
    parser.add_argument("--stand-in", action="store_true", help="draws of the priors in the posterior's place")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with served(chosen.stand_in) as address, browser() as opened:
        for language in chosen.language or ("zh", "en"):
            size = {"width": chosen.width, "height": chosen.height}
            page = opened.new_page(viewport=size, color_scheme=chosen.theme)
            page.goto(f"{address}/lab?lang={language}")
            settle(page)
            choose_plan(page)
            work = page.url.partition("?")[2]
            for name in chosen.page or PAGES:
                page.goto(f"{address}/{PATHS.get(name, name)}?{work}")
                settle(page)
                _write(page.screenshot(), chosen.folder / f"{name}_{language}.png")
            page.close()


def _write(content: bytes, path: Path) -> None:
    """A picture of few colours, so that it is small: the most frequent as they are, and some that cover the others."""
    from PIL import Image

    image = Image.open(io.BytesIO(content)).convert("RGB")
    counted = sorted(image.getcolors(image.width * image.height) or [], reverse=True)
    frequent = [channel for _, colour in counted[:FREQUENT] for channel in colour]
    others = image.quantize(COLOURS - FREQUENT, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette((frequent + others)[: 3 * COLOURS])
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
