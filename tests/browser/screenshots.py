"""Take pictures of the policy lab: `python -m tests.browser.screenshots [FOLDER] [--all]`; docs/images by default."""

from __future__ import annotations

import argparse
from pathlib import Path

from .served import ROOT, browser, choose_plan, served, settle

TALL = 4200
NAMES = {"en": "lab.png", "zh": "lab_zh.png"}


def main() -> None:
    """Write a picture for each language, and with --all for each width and theme as well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--all", action="store_true", help="both languages, widths and themes, the whole page")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    widths, themes = ((1280, 1920), ("light", "dark")) if chosen.all else ((1440,), ("light",))
    with served() as address, browser() as opened:
        for language in ("zh", "en"):
            for width in widths:
                for theme in themes:
                    height = TALL if chosen.all else 1000
                    page = opened.new_page(viewport={"width": width, "height": height}, color_scheme=theme)
                    page.goto(f"{address}/?lang={language}")
                    settle(page)
                    choose_plan(page)
                    name = f"lab_{language}_{width}_{theme}.png" if chosen.all else NAMES[language]
                    page.screenshot(path=chosen.folder / name)
                    page.close()


if __name__ == "__main__":
    main()
