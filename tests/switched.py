"""The toy city with a view of how it works: knowledge pulls its output, or nothing does."""

from __future__ import annotations

import shutil
from pathlib import Path

TOY_CITY = Path(__file__).parent / "models" / "toy_city"
SWITCH, VARIANT, WEIGHT = "knowledge counts", "knowledge_view", 0.3
BELIEF = f'{SWITCH}: {{role: assumption, low: 0, high: 1, prior: "Sw({WEIGHT})", source: judgement}}\n'
INPUT = f"""\
  {VARIANT}:
    constant: {SWITCH}
    en: What knowledge does
    zh: 知识的作用
    unit: "1 yes, 0 no"
    unit_zh: 1是，0否
    group: world
    low: 0
    high: 1
    help_en: Whether knowledge raises output.
    help_zh: 知识是否提高产出。
    views:
      - {{en: output grows by itself, zh: 产出自行增长}}
      - {{en: knowledge pulls output, zh: 知识带动产出}}
    asked: 1
"""


def switched(folder: Path) -> Path:
    """A copy of the toy city's folder with the switch."""
    copy = Path(shutil.copytree(TOY_CITY, folder / "switched"))
    file = copy / "toy.mdl"
    text = file.read_text(encoding="utf-8")
    constant = f"{SWITCH} = 1\n\t~\tDmnl\n\t~\tOne where knowledge pulls output. [judgement]\n\t|\n\n"
    text = text.replace("knowledge pull = ", f"{constant}knowledge pull = {SWITCH} * ", 1)
    file.write_text(text, encoding="utf-8")
    for name, more in (("parameters.yaml", BELIEF), ("levers.yaml", INPUT)):
        with (copy / name).open("a", encoding="utf-8") as registry:
            registry.write(more)
    return copy
