"""Set up .venv, then hand over to the app, the tests or the command line; standard library only.

It reads no network while .venv/set-up.json still fits the lock files and the Python that runs it.
"""

import sys

if sys.version_info < (3, 11):  # above all else, so that an older Python gets this far
    sys.exit(
        f"run.py: Python 3.11 or newer is needed; this is {sys.version_info[0]}.{sys.version_info[1]} "
        "(start run.py with a newer one, for example: python3.12 run.py)."
    )

import ast
import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "set-up.json"
LOG = VENV / "set-up.log"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
RUN_LOCK = "requirements.txt"
BUILD_LOCK = "requirements-build.txt"
TEST_LOCK = "requirements-dev.txt"
PACKAGE = "pyproject.toml"

HELP = """\
usage: python3 run.py                     open the app in the browser
       python3 run.py test [pytest args]  run the tests (-m slow: those that take long; -m browser: the page's)
       python3 run.py COMMAND ...         page, simulate, run, list, mixes, check, docs, site, sketch, calibrate,
                                          rebind, nominal, remake,
                                          or for many runs batch, sweep, analyse, findings, diff, schema;
                                          for example: list levers
       python3 run.py COMMAND --help      explain that command

The first run makes the folder .venv and installs the pinned packages into it; that needs a package index
and a minute or two. Every later run starts at once and needs no network. To start afresh, delete .venv.
pip's own settings (index, extra index, find-links, certificate, proxy) are followed.
"""

NO_VENV = (
    "this Python lacks the module venv or ensurepip: install it (on Debian and Ubuntu: "
    f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv) and start again"
)

# What a failed step printed -> the sentence for it; the first that matches is said.
DIAGNOSES = (
    (r"ensurepip is not available|No module named ensurepip", NO_VENV),
    (r"No space left on device|not enough space|os error 28\b", "the disk is full: free about 1.5 GB and start again"),
    (r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer",
     "the package index answered with a certificate that is not trusted here: set pip's cert option "
     "(pip config set global.cert FILE) and start again"),
    (r"\b40[137]\b (Client Error|Unauthorized|Forbidden|Proxy)|401 Error|403 Error|Credentials not correct",
     "the package index refused access: check the name and password in pip's index-url or proxy"),
    (r"NewConnectionError|Connection refused|ConnectionRefused|name resolution|Name or service not known|nodename nor|"
     r"getaddrinfo failed|ConnectTimeout|[Tt]imed out|ProxyError|Network is unreachable|Could not connect|dns error|"
     r"error sending request|ConnectionResetError|tcp connect error",
     "no package index could be reached: connect to the network, or set pip's index-url to a mirror "
     "(pip config set global.index-url URL), and start again"),
    (r"DO NOT MATCH THE HASHES|Hash mismatch|hash mismatch",
     "the package index has another file of a pinned package than the one that was published; if these are builds of "
     "your own, set UV_NO_VERIFY_HASHES=1 and start again, else trust neither the index nor the way to it"),
    (r"[Pp]ermission denied|Read-only file system|Access is denied",
     "a file could not be written: start run.py as the owner of its folder, or copy the folder to a place of your own"),
    (r"No matching distribution found for \S+|has no wheels? with a matching|no version of \S+",
     "the package index has no ready-made file of a pinned package for this system: try Python 3.11 to 3.14"),
)  # fmt: skip


class SetUpError(Exception):
    """Why .venv cannot be made, in one sentence with the remedy."""


def main(arguments: list[str]) -> int:
    """Set up what the arguments need and hand over; return the exit code where the process was not replaced."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(HELP, end="")
        return 0
    testing = arguments[:1] == ["test"]
    try:
        set_up(development=testing or arguments[:1] == ["site"])
        return start(arguments, testing)
    except SetUpError as error:
        print(f"run.py: {error}.", file=sys.stderr)
    except OSError as error:
        place = error.filename or ROOT
        print(f"run.py: {place} cannot be used ({error.strerror}): mend that and start again.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nrun.py: stopped; the next run takes up the set-up again.", file=sys.stderr)
        return 130
    return 1


def start(arguments: list[str], testing: bool) -> int:
    """Hand over to the tests, a command or the page."""
    if testing:
        os.chdir(ROOT)
        return hand_over("-m", "pytest", "-n", "auto", "--maxprocesses", "8", *arguments[1:])
    return hand_over(str(ROOT / "cli.py"), *(arguments or ["page"]))


def set_up(development: bool = False) -> None:
    """Make .venv hold the pinned packages; at once where it does already. Raises SetUpError."""
    wanted = wanted_stamp(development)
    if not is_ready(wanted):
        with alone():
            if not is_ready(wanted):  # another run.py may have done it while this one waited
                install(wanted)


def wanted_stamp(development: bool) -> dict[str, str]:
    """Say what .venv must have been made from: the Python and the hash of each lock file and of the package's."""
    stamp = {"python": f"{sys.platform} {sys.implementation.cache_tag}"}
    for name in (RUN_LOCK, BUILD_LOCK, PACKAGE, *([TEST_LOCK] if development else [])):
        try:
            stamp[name] = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
        except OSError:
            raise SetUpError(f"{name} cannot be read in {ROOT}: fetch the whole project again") from None
    return stamp


def read_stamp() -> dict[str, Any]:
    """Return what the last finished set-up wrote down; empty where there is none."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_ready(wanted: Mapping[str, str]) -> bool:
    """Tell whether .venv was finished from just these files and nothing has been deleted from it since."""
    stamp = read_stamp()
    return wanted.items() <= stamp.items() and is_whole(stamp)


def is_whole(stamp: Mapping[str, Any]) -> bool:
    """Tell whether the interpreter and every package folder that the stamp lists are still there."""
    try:
        return PYTHON.exists() and set(stamp["contents"]) <= names_in(VENV / stamp["packages"])
    except (KeyError, TypeError, OSError):
        return False


def names_in(folder: Path) -> set[str]:
    """Return the names of what lies in the folder, less what Python itself adds there."""
    return {path.name for path in folder.iterdir()} - {"__pycache__"}


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the set-up lock, which the system lets go of even where a run is killed."""
    try:
        file = (ROOT / ".venv.lock").open("a")
    except OSError as error:
        raise SetUpError(
            f"{ROOT} cannot be written ({error.strerror}): copy it to a folder of your own and start run.py there"
        ) from None
    with file:
        told = False
        while not try_lock(file.fileno()):
            if not told:
                tell("another run.py is setting up .venv; waiting for it")
                told = True
            time.sleep(0.3)
        yield


def try_lock(descriptor: int) -> bool:
    """Lock the open file if nobody else has; True also where the file system knows no locks."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True


def install(wanted: Mapping[str, str]) -> None:
    """Make or mend .venv, install the locks and the project, warm the model's cache and write the stamp."""
    stamp = read_stamp()
    locks = [name for name in (RUN_LOCK, BUILD_LOCK, TEST_LOCK) if name in wanted]
    try:
        if is_whole(stamp) and stamp.get("python") == wanted["python"]:
            tell(f"bringing .venv up to {' and '.join(locks)}")
            write_stamp({"unfinished": True})
        else:
            make_venv()
        install_packages(locks)
        install_project()
        packages = Path(ask_venv("import sysconfig; print(sysconfig.get_path('purelib'))"))
        warm_up()
        place = os.path.relpath(packages, VENV.resolve())
        LOG.unlink(missing_ok=True)
        write_stamp({**wanted, "packages": place, "contents": sorted(names_in(packages))})
    except OSError as error:
        raise SetUpError(diagnose(f"{error.strerror}: {error.filename}")) from error


def make_venv() -> None:
    """Make an empty .venv in place of an unfinished or broken one of our own; never of a stranger's."""
    import importlib.util
    import shutil

    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetUpError(NO_VENV)
    if not STAMP.exists() and PYTHON.exists():
        raise SetUpError(f"{VENV} was not made by run.py: rename or delete it and start again")
    tell(f"making .venv{' anew' if STAMP.exists() else ', once'}; this takes a minute or two")
    VENV.mkdir(exist_ok=True)
    write_stamp({"unfinished": True})
    for path in VENV.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != STAMP:
            path.unlink()
    # When .venv's own interpreter runs this file, the one it was made from must make the new one.
    step([getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(VENV)])


def install_packages(locks: list[str]) -> None:
    """Install the lock files with uv, which is quick, or with pip where uv is not to be had or fails.

    The locks name every package and the hashes of its files, so nothing is resolved (--no-deps), nothing is built
    (--only-binary), and a file that is not the published one is refused.
    """
    options = ["--no-deps", "--only-binary", ":all:"]
    for name in locks:
        options += ["--requirement", str(ROOT / name)]
    pip = [str(PYTHON), "-m", "pip"]
    lock = (ROOT / TEST_LOCK).read_text(encoding="utf-8")
    pin = re.search(r"^uv==\S+(?:[ \\]*\n +--hash=\S+)*", lock, re.MULTILINE)
    if pin:
        with contextlib.suppress(SetUpError):
            (VENV / "uv.txt").write_text(pin[0] + "\n", encoding="utf-8")
            step([*pip, "install", "--quiet", "--retries", "1", *options[:3], "--requirement", str(VENV / "uv.txt")])
            arguments, settings = uv_settings(step([*pip, "config", "list"]), os.environ)
            step([str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON), *arguments, *options], settings)
            return
    step([*pip, "install", "--quiet", "--retries", "2", *options])


def install_project() -> None:
    """Let .venv's Python find `innovation` in this folder from wherever it runs, and make the command `innovation`.

    The locks have put there what builds it, so no index is asked.
    """
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    step([str(PYTHON), "-m", "pip", "install", *options], {"PIP_REQUIRE_HASHES": "0"})


def uv_settings(pip_config: str, environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Translate what `pip config list` printed into uv's arguments and environment variables.

    pip lets [install] override [global] and PIP_* override both; a list is separated by blanks; all indexes
    count alike (unsafe-best-match). UV_* variables that the user set are left as they are. Addresses of indexes
    go through the environment, since they may carry a password and arguments are seen by all.
    """
    options: dict[str, str] = {}
    for section in ("global", "install", ":env:"):
        for key, text in re.findall(rf"^{section}\.([\w-]+)=(.*)$", pip_config, re.MULTILINE):
            options[key.lower().replace("_", "-")] = str(ast.literal_eval(text))
    certificate = options.get("cert") or environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE")
    proxy = options.get("proxy")
    settings = {
        "UV_DEFAULT_INDEX": options.get("index-url"),
        "UV_INDEX": " ".join(options.get("extra-index-url", "").split()),
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INSECURE_HOST": " ".join(options.get("trusted-host", "").split()),
        "UV_HTTP_TIMEOUT": options.get("timeout") or options.get("default-timeout"),
        "HTTP_PROXY": proxy,
        "HTTPS_PROXY": proxy,
        "SSL_CLIENT_CERT": options.get("client-cert"),
        "SSL_CERT_DIR" if certificate and Path(certificate).is_dir() else "SSL_CERT_FILE": certificate,
    }
    arguments = ["--no-index"] if options.get("no-index", "").lower() in ("1", "true", "yes", "on") else []
    for place in options.get("find-links", "").split():
        arguments += ["--find-links", place]
    kept = {name for name in environment if name.startswith("UV_")}
    return arguments, {name: value for name, value in settings.items() if value and name not in kept}


def warm_up() -> None:
    """Parse and compile the city's model once, so that both wait in the cache; a failure shows at the first start."""
    with contextlib.suppress(SetUpError):
        step([str(PYTHON), "cli.py", "simulate", "baseline", "--json"])


def ask_venv(code: str) -> str:
    """Return what the code prints when .venv's interpreter runs it in the project's folder."""
    return step([str(PYTHON), "-c", code]).strip()


def step(command: list[str], settings: Mapping[str, str] | None = None) -> str:
    """Run one command of the set-up and return what it printed; SetUpError with the reason where it fails."""
    import subprocess

    pip = {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**clean_environment(), **pip, **(settings or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        with contextlib.suppress(OSError):
            LOG.write_text(done.stdout + done.stderr, encoding="utf-8")
        raise SetUpError(diagnose(done.stdout + done.stderr))
    return done.stdout


def diagnose(output: str) -> str:
    """Say in one sentence why a step failed that printed this."""
    for pattern, sentence in DIAGNOSES:
        found = re.search(pattern, output)
        if found:
            return f"{sentence} (it said: {found[0]}; the rest is in .venv/{LOG.name})"
    last = (output.strip().splitlines() or ["nothing"])[-1]
    return f"the set-up failed with: {last} (the rest is in .venv/{LOG.name})"


def clean_environment() -> dict[str, str]:
    """Return the environment without what would make .venv's interpreter or pip look elsewhere."""
    strangers = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if name not in strangers} | {"PYTHONUTF8": "1"}


def write_stamp(stamp: Mapping[str, Any]) -> None:
    """Write the stamp in one stroke, so that it is never half a file."""
    part = STAMP.with_suffix(".part")
    part.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    part.replace(STAMP)


def tell(sentence: str) -> None:
    """Say something about the set-up; on stderr, since stdout belongs to the command."""
    print(f"run.py: {sentence} ...", file=sys.stderr, flush=True)


def hand_over(*arguments: str) -> int:
    """Become .venv's interpreter with these arguments, or wait for it where a process cannot be replaced."""
    command = [str(PYTHON), *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(command[0], command, clean_environment())
    import subprocess

    child = subprocess.Popen(command, env=clean_environment())
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the child gets it too and decides
            return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
