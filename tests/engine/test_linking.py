"""Machine code is loaded wherever the process has room for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from innovation.engine.backends.llvm.machine import available

ROOT = Path(__file__).parents[2]
SCRIPT = """
import mmap
from innovation.engine import load_model

model = load_model("model/innovation.mdl", "vectors")
how = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000}  # MAP_NORESERVE: an address, and no memory
rooms = [mmap.mmap(-1, mmap.PAGESIZE, **how) for _ in range(2000)]
far = mmap.mmap(-1, 8 << 30, **how)
for room in rooms[::2]:
    room.close()  # constants find room here, and larger code only beyond the 8 GB
for name in ("output", "capacity", "technology imports"):
    model.run(outputs=[name])
print("fine")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux") or not available(), reason="is about Linux and machine code")
def test_code_is_loaded_where_free_memory_lies_far_apart():
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stdout) == (0, "fine\n"), done.stderr
