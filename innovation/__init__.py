"""The innovation-economy simulator as one package: its rooms are `innovation.engine`, `innovation.model` and so on.

In a checkout the rooms lie beside this folder, at the top level, and are found there; the links in this folder say the
same to tools that read code without running it. In an installed package they lie in this folder.
"""

from pathlib import Path

_HERE = Path(__file__).parent

if (_HERE / "engine").is_symlink() or not (_HERE / "engine").is_dir():
    __path__.insert(0, str(_HERE.parent))
