"""run.py in temporary copies of the project, whose pinned packages are tiny wheels made here."""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import run

ROOT = Path(run.__file__).parent
BACKEND = """\
import zipfile
from pathlib import Path

def build_editable(folder, *_):
    name, about = "house-1-py3-none-any.whl", "house-1.dist-info"
    with zipfile.ZipFile(Path(folder, name), "w") as wheel:
        wheel.writestr("house.py", f"place = {str(Path.cwd())!r}")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\\nName: house\\nVersion: 1\\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{about}/RECORD", "")
    return name
"""
PACKAGE = '[build-system]\nrequires = ["brick"]\nbuild-backend = "backend"\nbackend-path = ["."]\n'
SAY_ARGUMENTS = "import sys; print(*sys.argv[1:])\n"


class Project:
    """A folder with run.py, a cli.py that tells what it was given, and an index of wheels on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.stamp = folder / ".venv" / "set-up.json"

    def run(self, *arguments: str, start: str = "run.py", cwd: Path | None = None, **settings: str):
        """Run run.py (or the code `start`) as a person would, with no index but the wheels."""
        where = [str(self.folder / start)] if start.endswith(".py") else ["-c", start]
        return subprocess.run(
            [sys.executable, *where, *arguments],
            cwd=cwd or self.folder,
            env=self.environment(**settings),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def environment(self, **settings: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
        no_index = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return {**kept, **no_index, **settings}

    def pin(self, name: str, version: str, code: str = "", lock: str = "requirements.txt") -> None:
        """Make a wheel of one module that also runs with -m, and let the lock ask for it."""
        self.wheels.mkdir(exist_ok=True)
        about = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(self.wheels / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}.py", code or f"version = {version!r}\n")
            wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/RECORD", "")
        (self.folder / lock).write_text(f"{name}=={version}\n")


def bare_project(folder: Path) -> Project:
    project = Project(folder)
    shutil.copy(ROOT / "run.py", folder)
    for lock in ("requirements-dev.txt", "requirements-build.txt"):
        (folder / lock).write_text("")
    (folder / "pyproject.toml").write_text(PACKAGE)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "cli.py").write_text(
        "import sys, brick; print(brick.version, *sys.argv[1:]); sys.exit(int(sys.argv[-1].replace('page', '0')))\n"
    )
    project.pin("brick", "1")
    return project


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = bare_project(tmp_path_factory.mktemp("built"))
    done = project.run("0")
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def ready(built: Project, tmp_path: Path) -> Project:
    """A project that is set up, for this test to spoil."""
    shutil.copytree(built.folder, tmp_path / "ready", symlinks=True)
    return Project(tmp_path / "ready")


@pytest.fixture
def fresh(tmp_path: Path) -> Project:
    """A project that nobody has set up."""
    return bare_project(tmp_path)


def test_help_explains_the_commands_and_makes_nothing(fresh: Project) -> None:
    done = fresh.run("--help")

    assert done.returncode == 0
    assert "run.py test" in done.stdout and "run.py COMMAND" in done.stdout
    assert not (fresh.folder / ".venv").exists()


def test_an_older_python_is_named_in_one_sentence(fresh: Project) -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 9, 2); runpy.run_path('run.py', run_name='__main__')"

    done = fresh.run(start=pretend)

    assert done.returncode == 1
    assert "Python 3.11 or newer is needed; this is 3.9" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_older_python_can_read_the_file_that_far() -> None:
    text = (ROOT / "run.py").read_text(encoding="utf-8")

    tree = ast.parse(text, feature_version=(3, 7))

    assert isinstance(tree.body[2], ast.If)  # the check stands before every import but sys


@pytest.mark.slow
def test_a_command_reaches_cli_with_its_arguments_folder_and_exit_code(ready: Project, tmp_path: Path) -> None:
    done = ready.run("simulate", "--set", "a b=1", "7", cwd=tmp_path)

    assert done.stdout == "1 simulate --set a b=1 7\n"
    assert done.returncode == 7


@pytest.mark.slow
def test_a_run_with_nothing_changed_says_nothing_and_asks_no_index(ready: Project) -> None:
    before = ready.stamp.stat().st_mtime_ns
    shutil.rmtree(ready.wheels)

    done = ready.run("0")

    assert (done.returncode, done.stderr) == (0, "")
    assert ready.stamp.stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_changed_lock_is_installed(ready: Project) -> None:
    ready.pin("brick", "2")

    done = ready.run("0")

    assert done.stdout == "2 0\n"


@pytest.mark.slow
@pytest.mark.parametrize("spoil", ["package deleted", "interpreter deleted", "killed halfway", "stamp garbled"])
def test_a_spoilt_set_up_is_made_again(ready: Project, spoil: str) -> None:
    if spoil == "package deleted":
        next((ready.folder / ".venv").rglob("brick.py")).unlink()
    elif spoil == "interpreter deleted":
        shutil.rmtree(ready.folder / ".venv" / ("Scripts" if os.name == "nt" else "bin"))
    else:
        ready.stamp.write_text(json.dumps({"unfinished": True}) if spoil == "killed halfway" else "{")

    done = ready.run("0")

    assert done.stdout == "1 0\n"
    assert "anew" in done.stderr


@pytest.mark.slow
def test_a_failed_set_up_is_taken_up_again(ready: Project) -> None:
    ready.pin("brick", "2")
    wheel = ready.wheels / "brick-2-py3-none-any.whl"
    wheel.rename(ready.folder / wheel.name)

    failed = ready.run("0")
    (ready.folder / wheel.name).rename(wheel)
    done = ready.run("0")

    assert failed.returncode == 1 and failed.stdout == "" and "brick==2" in failed.stderr
    assert done.stdout == "2 0\n"


@pytest.mark.slow
def test_an_environment_made_by_someone_else_is_left_alone(ready: Project) -> None:
    ready.stamp.unlink()

    done = ready.run("0")

    assert done.returncode == 1
    assert "was not made by run.py" in done.stderr
    assert next((ready.folder / ".venv").rglob("brick.py")).exists()


@pytest.mark.slow
def test_two_first_runs_at_once_both_succeed(fresh: Project) -> None:
    command = [sys.executable, "run.py", "0"]
    both = [
        subprocess.Popen(
            command,
            cwd=fresh.folder,
            env=fresh.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]

    said = [process.communicate(timeout=300) for process in both]

    assert [out for out, _ in said] == ["1 0\n", "1 0\n"]
    assert sum("making .venv" in err for _, err in said) == 1


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_what_to_install(fresh: Project, missing: str) -> None:
    pretend = f"import sys, runpy; sys.modules[{missing!r}] = None; runpy.run_path('run.py', run_name='__main__')"

    done = fresh.run(start=pretend)

    assert done.returncode == 1
    assert "lacks the module venv or ensurepip" in done.stderr and "apt install python3." in done.stderr


@pytest.mark.slow
def test_an_index_that_does_not_answer_is_said_in_one_sentence(ready: Project) -> None:
    ready.pin("brick", "2")
    shutil.rmtree(ready.wheels)

    done = ready.run("0", PIP_NO_INDEX="0", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_FIND_LINKS="")

    assert done.returncode == 1
    assert "no package index could be reached" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_file_that_is_not_the_published_one_is_refused_in_one_sentence(ready: Project) -> None:
    ready.pin("brick", "2")
    (ready.folder / "requirements.txt").write_text(f"brick==2 \\\n    --hash=sha256:{64 * '0'}\n")

    done = ready.run("0")

    assert done.returncode == 1
    assert "UV_NO_VERIFY_HASHES" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert "Traceback" not in done.stderr


def test_an_incomplete_clone_is_named(fresh: Project) -> None:
    (fresh.folder / "requirements.txt").unlink()

    done = fresh.run("0")

    assert done.returncode == 1
    assert "requirements.txt cannot be read" in done.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(fresh: Project) -> None:
    fresh.folder.chmod(0o555)

    done = fresh.run("0")
    fresh.folder.chmod(0o755)

    assert done.returncode == 1
    assert "cannot be written" in done.stderr


@pytest.mark.slow
def test_the_tests_get_their_pins_and_arguments(ready: Project) -> None:
    ready.pin("pytest", "1", code=SAY_ARGUMENTS, lock="requirements-dev.txt")

    done = ready.run("test", "-k", "one or two")

    assert done.stdout.startswith("-n auto ")
    assert done.stdout.endswith(" -k one or two\n")


@pytest.mark.slow
def test_the_site_gets_what_makes_it(ready: Project) -> None:
    ready.pin("sphinx", "9", lock="requirements-dev.txt")
    (ready.folder / "cli.py").write_text("import sys, sphinx; print(sphinx.version, *sys.argv[1:])\n")

    done = ready.run("site", "--out", "there")

    assert done.stdout == "9 site --out there\n"


@pytest.mark.slow
def test_without_arguments_the_page_is_opened(ready: Project) -> None:
    assert ready.run().stdout == "1 page\n"


@pytest.mark.slow
def test_the_project_is_found_from_any_folder_without_an_index(ready: Project, tmp_path: Path) -> None:
    python = ready.folder / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def place() -> str:
        code = [str(python), "-c", "import house; print(house.place)"]
        return subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert place() != str(ready.folder)  # the fixture copied what was set up elsewhere
    (ready.folder / "pyproject.toml").write_text(f"{PACKAGE}# changed\n")
    shutil.rmtree(ready.wheels)
    done = ready.run("0", PIP_REQUIRE_HASHES="1")

    assert (done.returncode, done.stdout) == (0, "1 0\n")
    assert place() == str(ready.folder)


def test_pip_settings_are_all_handed_to_uv_the_environment_first() -> None:
    config = "\n".join(
        [
            "global.index-url='https://one.invalid/simple'",
            "global.find-links='/old'",
            "install.find-links='/older'",
            r"global.extra-index-url='\nfile:///two/simple\nhttps://user:word@three.invalid/simple'",
            "global.trusted-host='one.invalid three.invalid'",
            ":env:.cert='/certificates.pem'",
            ":env:.find-links='/wheels file:///more%20wheels'",
            ":env:.default-timeout='90'",
        ]
    )

    arguments, settings = run.uv_settings(config, {})

    assert arguments == ["--find-links", "/wheels", "--find-links", "file:///more%20wheels"]
    assert settings == {
        "UV_DEFAULT_INDEX": "https://one.invalid/simple",
        "UV_INDEX": "file:///two/simple https://user:word@three.invalid/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INSECURE_HOST": "one.invalid three.invalid",
        "UV_HTTP_TIMEOUT": "90",
        "SSL_CERT_FILE": "/certificates.pem",
    }


def test_settings_that_the_user_made_for_uv_are_kept() -> None:
    arguments, settings = run.uv_settings(
        "global.index-url='https://one.invalid'\nglobal.no-index='true'", {"UV_DEFAULT_INDEX": "https://mine.invalid"}
    )

    assert arguments == ["--no-index"]
    assert "UV_DEFAULT_INDEX" not in settings


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device\nRetrying: NewConnectionError", "the disk is full"),
        ("SSLError(SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED", "certificate that is not trusted"),
        ("ERROR: HTTP error 403\n403 Client Error: Forbidden for url", "refused access"),
        ("Failed to establish a new connection: Temporary failure in name resolution", "could be reached"),
        ("ERROR: No matching distribution found for numpy==2.4.6", "no ready-made file"),
        ("ERROR: [Errno 13] Permission denied: 'x'", "could not be written"),
        ("The virtual environment was not created because ensurepip is not available.", "lacks the module venv"),
        ("first\nsomething else broke\n", "something else broke"),
        ("", "nothing"),
    ],
)
def test_what_went_wrong_is_said_in_a_sentence(output: str, sentence: str) -> None:
    said = run.diagnose(output)

    assert sentence in said
    assert "\n" not in said


@pytest.mark.slow
def test_the_pinned_packages_and_the_project_install_and_import(tmp_path: Path) -> None:
    project = ("run.py", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE")
    for path in (*(ROOT / name for name in project), *ROOT.glob("requirements*")):
        shutil.copy(path, tmp_path)
    shutil.copytree(ROOT / "innovation", tmp_path / "innovation", symlinks=True)
    (tmp_path / "cli.py").write_text("import streamlit, xarray, scipy, pydantic, matplotlib, pysd; print('all here')\n")

    done = subprocess.run([sys.executable, "run.py", "anything"], cwd=tmp_path, capture_output=True, text=True)

    if "no package index could be reached" in done.stderr:
        pytest.skip("no package index can be reached from here")
    assert done.stdout == "all here\n", done.stderr
    assert list((tmp_path / ".venv").glob("*/innovation*"))
