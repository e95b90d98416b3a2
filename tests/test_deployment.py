"""The unit and the container file can be read as what they are, and open the page to nobody by mistake."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser.served import served

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "deploy" / "innovation-economy.service"
CONTAINER = ROOT / "deploy" / "Containerfile"
UNSTATED = {"protobuf", "pydeck"}  # whose licences the tool does not find in what their packages say
HAS_UV = pytest.mark.skipif(not (ROOT / ".venv" / "bin" / "uv").exists(), reason="uv is not in .venv")
INSTRUCTIONS = {"ARG", "FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}


def steps() -> list[list[str]]:
    """Instructions of the container file and what each is given."""
    lines = [line for line in CONTAINER.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [line.split(maxsplit=1) for line in lines]


class _Repeated(dict):
    """systemd repeats a key for a list."""

    def __setitem__(self, key, value):
        if isinstance(value, list) and key in self:
            value = [*self[key], *value]
        super().__setitem__(key, value)


def test_the_unit_starts_the_page_for_this_machine_alone():
    unit = configparser.ConfigParser(dict_type=_Repeated, strict=False, interpolation=None, delimiters=("=",))
    unit.optionxform = str
    unit.read_string(UNIT.read_text(encoding="utf-8"))

    command = shlex.split(unit["Service"]["ExecStart"])
    assert command[1:5] == ["-m", "streamlit", "run", "app.py"]
    assert command[command.index("--server.address") + 1] == "127.0.0.1"
    assert unit["Service"]["IPAddressDeny"] == "any"
    assert unit["Service"]["DynamicUser"] == "yes"
    assert unit["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_rates_the_unit_as_little_exposed():
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    ).stdout

    rate = re.search(r"Overall exposure level for innovation-economy\.service: ([\d.]+)", told)
    assert rate, told
    assert float(rate[1]) <= 1.5


def test_the_unit_lets_the_engine_compile_and_the_operator_name_the_hosts():
    text = UNIT.read_text(encoding="utf-8")

    assert not re.search(r"^MemoryDenyWriteExecute", text, re.MULTILINE)
    assert "\nEnvironmentFile=-/etc/innovation-economy.conf\n" in text


def test_the_container_installs_the_published_files_and_runs_as_a_plain_user():
    found = steps()

    assert {name for name, _ in found} <= INSTRUCTIONS
    assert [rest for name, rest in found if name == "FROM"] == ["${BASE}"]
    assert [rest for name, rest in found if name == "USER"] == ["planner"]
    command = json.loads(found[-1][1])
    assert command[:5] == ["python", "-m", "streamlit", "run", "app.py"]
    options = "--no-deps --only-binary :all: --require-hashes --requirement requirements.txt"
    assert any(options in rest for _, rest in found)


@pytest.mark.slow
def test_the_container_s_health_is_that_of_the_page():
    [given] = [rest for name, rest in steps() if name == "HEALTHCHECK"]
    _, *arguments = json.loads(given.partition("CMD ")[2])

    def healthy(port: int) -> bool:
        asked = [sys.executable, *(argument.replace("8501", str(port)) for argument in arguments)]
        return subprocess.run(asked, capture_output=True, env={**os.environ, "NO_PROXY": "*"}).returncode == 0

    with served(True, "--server.allowedHosts", "simulator.example") as address:
        port = int(address.rpartition(":")[2])
        assert healthy(port)
    assert not healthy(port)


def listed(*which: str) -> list[dict[str, Any]]:
    """The packages that deploy/sbom lists."""
    done = subprocess.run([ROOT / "deploy" / "sbom", *which], capture_output=True, text=True)
    if re.search("No solution found|Failed to fetch|error sending request|peer certificate", done.stderr):
        pytest.skip("no package index for the tool")
    found: list[dict[str, Any]] = json.loads(done.stdout)["components"]
    return found


def pins() -> dict[str, str]:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE))


@pytest.mark.slow
@HAS_UV
def test_the_list_of_installed_packages_names_every_pin_of_this_system_and_its_licence():
    components = {one["name"].lower().replace("_", "-"): one for one in listed("installed")}

    wanted = {name.lower(): version for name, version in pins().items() if is_installed(name)}
    assert {name: components[name]["version"] for name in wanted} == wanted
    assert {name for name in wanted if not components[name].get("licenses")} <= UNSTATED


def is_installed(name: str) -> bool:
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def test_a_list_of_packages_that_there_is_not_is_answered_in_a_sentence():
    done = subprocess.run([ROOT / "deploy" / "sbom", "everything"], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert 'no list "everything"' in done.stderr and "pinned" in done.stderr


@pytest.mark.slow
@HAS_UV
def test_the_list_of_packages_names_every_pin_and_its_files():
    components = listed()

    assert {one["name"]: one["version"] for one in components} == pins()
    assert all(place["hashes"] for one in components for place in one["externalReferences"])


def test_what_the_page_tells_of_deployment_is_there():
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")

    linked = re.findall(r"\]\(([^)]+)\)", text)
    assert linked
    assert [link for link in linked if not (ROOT / "docs" / link).exists()] == []


def test_the_settings_bind_to_this_machine_and_bound_uploads():
    settings = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")

    assert 'address = "127.0.0.1"' in settings
    assert re.search(r"maxUploadSize = 1\b", settings)
