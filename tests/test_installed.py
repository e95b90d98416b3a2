"""Commands that differ where the project is installed as a package, and the page as a command."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import cli
from innovation.commands import output
from innovation.commands.city import page
from innovation.commands.endings import MISTAKE

REMAKING = ("docs", "nominal", "mixes", "findings", "remake", "sketch", "calibrate", "rebind")


@pytest.fixture
def as_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "IS_CHECKOUT", False)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """The page's usual port, which somebody else answers on during the test."""
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.1", page.FIRST_PORT))
            other.listen()
        except OSError:
            pass  # somebody really does
        yield page.FIRST_PORT


@pytest.mark.parametrize("command", REMAKING)
def test_an_installed_package_is_never_changed(capsys: pytest.CaptureFixture[str], as_installed: None, command) -> None:
    assert cli.main([command]) == MISTAKE

    said = capsys.readouterr().err
    assert f"files of the installed package in {output.HERE}" in said and "in a checkout" in said


def test_an_installed_package_writes_where_it_is_told(as_installed: None, tmp_path: Path) -> None:
    tank = str(output.HERE / "tests/models/tank.mdl")

    assert cli.main(["run", tank, "--out", str(tmp_path / "run.csv")]) == 0


def test_the_page_is_served_to_this_machine_only_and_on_a_free_port(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, taken_port: int
) -> None:
    said: list[str] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(page, "become", lambda *arguments: said.extend(arguments))

    cli.main(["page"])

    options = dict(zip(said[4::2], said[5::2], strict=True))
    assert said[:4] == ["-m", "streamlit", "run", str(output.HERE / "app.py")]
    assert options["--server.address"] == "127.0.0.1" and options["--browser.gatherUsageStats"] == "false"
    assert options["--server.headless"] == "true"  # nobody looks at a pipe
    assert int(options["--server.port"]) > taken_port
    assert Path.cwd() == output.HERE
