"""`cli.py page`: the page, served to this machine."""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys

from innovation.commands.options import Command
from innovation.commands.output import HERE

FIRST_PORT = 8501


def add(command: Command) -> None:
    """Add the command; it has no options."""
    command("page", page, "open the page in the browser; Ctrl-C ends it", json=False)


def page(given: argparse.Namespace) -> int:
    """Serve the page to this machine only, and open the browser where a person can see it; Ctrl-C ends it."""
    os.chdir(HERE)  # Streamlit reads its settings from the working folder
    here = sys.stdout.isatty() and not os.environ.get("SSH_CONNECTION")
    screen = sys.platform in ("win32", "darwin") or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    return become(
        *("-m", "streamlit", "run", str(HERE / "app.py")),
        *("--server.address", "127.0.0.1", "--server.port", str(free_port())),
        *("--server.headless", "false" if here and screen else "true"),
        *("--browser.gatherUsageStats", "false", "--server.showEmailPrompt", "false"),
    )


def free_port() -> int:
    """Return the first port from 8501 on where nobody answers on this machine."""
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    return FIRST_PORT


def become(*arguments: str) -> int:
    """Become Python with these arguments, or wait for it where a process cannot be replaced."""
    command = [sys.executable, *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)
    import subprocess

    child = subprocess.Popen(command)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the child gets it too and decides
            return child.wait()
