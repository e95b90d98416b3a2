"""The pins, the licences, the layers' settings and the first pages agree with each other and with the folders."""

import ast
import importlib
import importlib.metadata
import itertools
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import cli
import run
from innovation.version import RELEASE, VERSION

ROOT = Path(run.__file__).parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-cluster.txt", "requirements-build.txt")
SOURCES = tuple(lock.replace(".txt", ".in") for lock in LOCKS)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COPYLEFT_ALLOWED = {"portion", "docutils"}  # docs/decisions/0001-packages.md says of each why

WHERE = "innovation/version.py"

BELOW = {"analysis", "calibration", "scenarios", "model", "engine"}
CLOSED_TO = {  # front door -> what it must not import; import-linter looks at packages only
    "run.py": {"app", "cli", "ui", "commands", *BELOW},
    "cli.py": {"app", "page", "run", "ui", "streamlit", "pysd", "simlin", *BELOW},
    "hatch_build.py": {"app", "cli", "page", "run", "ui", "commands", *BELOW},
    "app.py": {"cli", "run", "commands", "pysd", "simlin"},
    "page.py": {"cli", "run", "commands", "pysd", "simlin"},
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, str]:
    """Name -> version of the packages in a lock, whatever the system they are for."""
    lines = [line.split(" ;")[0].rstrip(" \\") for line in read(lock).splitlines() if line and line[0] not in "# "]
    return dict(line.split("==") for line in lines)


def hashes(lock: str) -> dict[str, int]:
    """Name -> how many files of the package a lock names by their hashes."""
    entries = re.findall(r"^([\w.-]+)==[^\n]*((?:\n +--hash=sha256:[0-9a-f]{64}[ \\]*)*)", read(lock), re.MULTILINE)
    return {name: text.count("--hash") for name, text in entries}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_in_a_lock_has_one_exact_version(lock: str) -> None:
    pinned = pins(lock)

    assert pinned
    assert all(re.fullmatch(r"[\w.]+", version) for version in pinned.values())


@pytest.mark.parametrize("name", [*LOCKS, *SOURCES, "run.py", ".ci/run", ".pre-commit-config.yaml"])
def test_no_file_of_the_set_up_names_an_index_or_a_place_on_a_disk(name: str) -> None:
    text = re.sub(r"https?://127\.0\.0\.1\S*", "", read(name))

    found = re.findall(r"\w+://\S+|--(?:extra-)?index-url \S+|--find-links /\S+", text)

    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_the_files_of_every_package_for_every_system(lock: str) -> None:
    found = hashes(lock)

    assert found.keys() == pins(lock).keys()
    assert [name for name, count in found.items() if count == 0] == []
    compiled = found.keys() & {"numpy", "scipy", "pandas", "pyarrow", "lxml", "llvmlite", "duckdb", "msgpack"}
    assert [name for name in compiled if found[name] < 15] == []  # 3 systems, 2 kinds of processor, 3 Pythons and more


def test_the_locks_agree() -> None:
    for one, another in itertools.combinations(map(pins, LOCKS), 2):
        differing = {name for name in one.keys() & another.keys() if one[name] != another[name]}

        assert differing == set()


@pytest.mark.parametrize("source", SOURCES)
def test_a_lock_holds_whatever_its_source_asks_for(source: str) -> None:
    asked = {re.match(r"[\w-]+", line)[0].lower() for line in read(source).splitlines() if line and line[0] not in "#-"}

    missing = asked - pins(source.replace(".in", ".txt")).keys()

    assert missing == set()


@pytest.mark.parametrize("name", sorted({name for lock in LOCKS for name in pins(lock)}))
def test_no_package_brings_a_copyleft_licence_unnoticed(name: str) -> None:
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("is for another system")
    # A licence's whole text may stand in the old field; its first line names it.
    stated = [metadata.get("License-Expression") or (metadata.get("License") or "").strip().split("\n")[0]]
    stated += [line for line in metadata.get_all("Classifier") or [] if line.startswith("License")]

    gpl = [line for line in stated if re.search(r"\b[AL]?GPL|General Public", line)]

    assert not gpl or name in COPYLEFT_ALLOWED


def test_every_room_is_seen_from_the_package_that_names_it() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "innovation"}
    layers = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]

    linked = {path.name: path.resolve() for path in (ROOT / "innovation").iterdir() if path.is_dir()}
    linked = {name: place for name, place in linked.items() if place.parent == ROOT}
    packed = re.search(r"^ROOMS = (\(.*\))$", read("hatch_build.py"), re.MULTILINE)[1]

    assert linked == {name: (ROOT / name).resolve() for name in rooms}
    assert set(ast.literal_eval(packed)) == rooms
    assert set(PROJECT["tool"]["hatch"]["build"]["exclude"]) == {f"/innovation/{room}" for room in rooms}
    assert {name for layer in layers for name in layer.split(" | ")} == rooms


def test_a_room_is_imported_from_the_checkout_under_one_name_alone() -> None:
    for room in ("engine", "ui"):
        found = importlib.import_module(f"innovation.{room}")
        assert Path(str(found.__file__)) == ROOT / room / "__init__.py"
    assert not {"engine", "model", "scenarios", "calibration", "analysis", "ui"} & set(sys.modules)


@pytest.mark.parametrize("door", sorted(path.name for path in ROOT.glob("*.py")))
def test_a_front_door_imports_only_what_it_may(door: str) -> None:
    named = set()
    for node in ast.walk(ast.parse(read(door))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            named |= {f"{node.module}.{alias.name}" for alias in node.names}
    imported = {name.removeprefix("innovation.").split(".")[0] for name in named}

    assert imported & CLOSED_TO[door] == set()
    assert door != "run.py" or imported <= sys.stdlib_module_names


def test_the_help_of_run_names_every_command_of_cli(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])

    commands = re.findall(r"^ {4}(\w+) ", capsys.readouterr().out, re.MULTILINE)

    assert commands
    assert [command for command in commands if not re.search(rf"\b{command}\b", run.HELP)] == []


def test_the_version_is_the_same_wherever_it_stands() -> None:
    assert f"\nversion: {VERSION}\n" in read("CITATION.cff")
    assert f"\n## {VERSION} " in read("CHANGELOG.md")
    assert f"{PROJECT['project']['name']} {VERSION}" == RELEASE
    assert "version" in PROJECT["project"]["dynamic"] and PROJECT["tool"]["hatch"]["version"]["path"] == WHERE


def test_package_and_set_up_refuse_the_same_pythons() -> None:
    oldest = re.search(r"sys\.version_info < \((\d+), (\d+)\)", read("run.py")).groups()

    assert PROJECT["project"]["requires-python"] == f">={'.'.join(oldest)}"
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{''.join(oldest)}"


def test_the_readme_and_ci_run_the_same_tests() -> None:
    command = "python3 run.py test"

    assert f"    {command}\n" in read("README.md")
    assert re.search(rf"^{command} \|", read(".ci/run"), re.MULTILINE)


def test_what_is_tried_before_a_commit_is_what_ci_tries() -> None:
    [local] = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]

    tried = {hook["entry"].removesuffix(" --force-exclude") for hook in local["hooks"]}

    commands = re.findall(r'^"\$bin/([\w-]+)"(.*)$', read(".ci/run"), re.MULTILINE)
    assert tried == {f".venv/bin/{tool}{rest}".removesuffix(" .") for tool, rest in commands}


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        *(f"docs/decisions/{p.name}" for p in (ROOT / "docs" / "decisions").glob("*.md")),
    ],
)
def test_every_link_on_a_first_page_leads_somewhere(page: str) -> None:
    links = re.findall(r"(?<!!)\[[^]]*\]\((?!\w+:|#)([^)#]+)", read(page))

    broken = [link for link in links if not ((ROOT / page).parent / link).exists()]

    assert broken == []
