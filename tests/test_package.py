"""The package as others install it: what a wheel and a source distribution hold, and that they work from any folder."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from innovation.version import VERSION

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
ROOMS = sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "innovation"})
BESIDE = ("app.py", "page.py", ".streamlit", "static", "docs/calibration.md", "docs/diagrams")
TANK = ROOT / "tests" / "models" / "tank.mdl"


def call(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """What a command says, without anything that would help it find the checkout."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env={**kept, "PYTHONUTF8": "1"}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def done(*command: str | Path, cwd: Path = ROOT) -> str:
    """What a command prints that ends well."""
    ended = call(*command, cwd=cwd)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def pip(*arguments: str | Path) -> list[str | Path]:
    """A call of pip that asks no index, even for what builds a package."""
    return [sys.executable, "-m", "pip", *arguments, "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The source distribution, and the wheels of the checkout and of the source distribution."""
    folder = tmp_path_factory.mktemp("built")
    done(sys.executable, "-m", "hatchling", "build", "--directory", folder)
    (source,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    done(*pip("wheel", source, "--wheel-dir", folder / "again"))
    return {"source": source, "wheel": wheel, "wheel of the source": next((folder / "again").glob("*.whl"))}


class Installed:
    """An environment of its own that sees the pinned packages of this one, and has the project installed."""

    def __init__(self, folder: Path, *what: str | Path) -> None:
        done(sys.executable, "-m", "venv", "--without-pip", folder)
        inside = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python, self.command = inside / "python", inside / "innovation"
        self.packages = Path(done(self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        shared = [path for path in sys.path if path.endswith("site-packages")]
        (self.packages / "shared.pth").write_text("\n".join(shared))
        done(sys.executable, "-m", "pip", "--python", self.python, *pip("install", *what)[3:])


@pytest.fixture(scope="session")
def installed(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("wheel") / "venv", built["wheel"])


@pytest.fixture(scope="session")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("editable") / "venv", "--editable", ROOT)


def files_of(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        return {name: archive.read(name) for name in names}


def files_of_checkout() -> dict[str, bytes]:
    """What a wheel must hold of the checkout, under the names it has there."""
    own = ROOT / "innovation"
    paths = [path for path in own.rglob("*") if path.relative_to(own).parts[0] not in ROOMS]
    for part in (*ROOMS, *BESIDE):
        paths += [ROOT / part, *(ROOT / part).rglob("*")]
    files = [path for path in paths if path.is_file() and path.suffix != ".pyc"]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files}


def metadata_of(wheel: Path) -> email.message.Message:
    [text] = [content for name, content in files_of(wheel).items() if name.endswith(".dist-info/METADATA")]
    return email.message_from_bytes(text)


def test_a_wheel_holds_the_rooms_and_what_the_page_needs_inside_one_package(built: dict[str, Path]) -> None:
    held = {name: content for name, content in files_of(built["wheel"]).items() if ".dist-info/" not in name}

    wanted = {f"innovation/{name.removeprefix('innovation/')}": text for name, text in files_of_checkout().items()}
    assert len(wanted) > 400
    assert held == wanted


def test_a_source_distribution_gives_the_same_wheel_and_holds_no_link(built: dict[str, Path]) -> None:
    with tarfile.open(built["source"]) as archive:
        kinds = {member.name: member.isreg() for member in archive}

    assert all(kinds.values())
    assert files_of(built["wheel of the source"]) == files_of(built["wheel"])


def test_the_metadata_says_what_the_owners_say(built: dict[str, Path]) -> None:
    said = metadata_of(built["wheel"])

    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    asked = {re.match(r"[\w-]+", line)[0].lower() for line in lines if line and line[0] != "#"}
    given = [re.match(r"[\w-]+", line)[0].lower() for line in said.get_all("Requires-Dist")]
    assert sorted(asked) == sorted(given)
    assert (said["Name"], said["Version"]) == ("innovation-economy", VERSION)
    assert (said["License-Expression"], said["Requires-Python"]) == ("MIT", ">=3.11")


@pytest.mark.parametrize("kind", ["installed", "editable"])
def test_a_users_own_files_of_the_rooms_names_shadow_nothing_and_are_not_shadowed(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    environment: Installed = request.getfixturevalue(kind)
    for i, room in enumerate(ROOMS):
        place = tmp_path / (f"{room}.py" if i % 2 else f"{room}/__init__.py")
        place.parent.mkdir(exist_ok=True)
        place.write_text("MINE = True\n")
    lines = [f"import {room}; assert {room}.MINE" for room in ROOMS]
    lines += [f"import innovation.{room} as ours; assert ours.__all__" for room in ("engine", "model", "scenarios")]

    done(environment.python, "-c", "\n".join(lines), cwd=tmp_path)
    listed = done(environment.command, "list", "levers", cwd=tmp_path)

    assert "fiscal_science_share" in listed


@pytest.mark.parametrize("kind", ["installed", "editable"])
def test_an_install_exposes_one_name(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    environment: Installed = request.getfixturevalue(kind)
    names = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}

    code = f"from importlib.util import find_spec; print(*(n for n in {sorted(names)} if find_spec(n)))"

    assert done(environment.python, "-c", code, cwd=tmp_path).split() == ["innovation"]


def test_an_editable_install_is_of_the_checkout_and_leaves_nothing_in_it(editable: Installed, tmp_path: Path) -> None:
    code = "import innovation, innovation.engine as e; print(innovation.__file__, e.__file__, sep='\\n')"

    places = done(editable.python, "-c", code, cwd=tmp_path).split("\n")[:2]

    assert places == [str(ROOT / "innovation" / "__init__.py"), str(ROOT / "engine" / "__init__.py")]
    assert not [*ROOT.glob("*.egg-info"), *ROOT.glob("build"), *ROOT.glob("dist")]


@pytest.mark.parametrize(
    "arguments",
    [("--version",), ("list", "levers"), ("simulate", "baseline"), ("run", str(TANK))],
    ids=lambda arguments: arguments[0],
)
def test_an_installed_command_answers_as_the_checkout_does(installed: Installed, tmp_path: Path, arguments) -> None:
    answer = done(installed.command, *arguments, cwd=tmp_path)

    assert answer
    assert answer == done(sys.executable, ROOT / "cli.py", *arguments, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_installed_package_refuses_to_change_its_own_files(installed: Installed, tmp_path: Path) -> None:
    place = installed.packages / "innovation"
    before = {path for path in place.rglob("*") if path.suffix != ".pyc"}

    ended = call(installed.command, "docs", cwd=tmp_path)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"files of the installed package in {place}" in ended.stderr
    assert {path for path in place.rglob("*") if path.suffix != ".pyc"} - {*place.rglob("__pycache__")} <= before


@pytest.fixture(scope="session")
def address(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page of an installed package is served."""
    folder = tmp_path_factory.mktemp("served")
    with (folder / "log").open("w+") as log:
        server = subprocess.Popen([installed.command, "page"], cwd=folder, stdout=log, stderr=log)
        try:
            yield _address(server, folder / "log")
        finally:
            server.terminate()
            server.wait(30)


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8"))
        if found:
            return found[0]
        assert server.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


@pytest.mark.parametrize("part", ["_stcore/health", "", "app/static/fonts/NotoSansSC-gb2312.woff2"])
def test_an_installed_package_serves_the_page_with_its_font_behind_its_door(address: str, part: str) -> None:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{address}/{part}", timeout=60) as answer:
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.read()


def test_the_page_opens_in_an_installed_package(installed: Installed, tmp_path: Path) -> None:
    code = """
from pathlib import Path
from streamlit.testing.v1 import AppTest
import innovation
page = AppTest.from_file(str(Path(innovation.__file__).parent / "page.py"), default_timeout=240).run()
assert page.markdown and not page.exception, page.exception
"""
    done(installed.python, "-c", code, cwd=tmp_path)
