"""A new posterior: the fit, gone on with where it was cut off, and the file of its draws."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from engine.files import cache_folder
from model import City, Fault
from scenarios.writing import write_whole

from . import fit as fitting
from .draws import replaceable
from .fingerprint import data_hash
from .keeping import SamplerError
from .likelihood import Posterior
from .observations import read_record
from .posterior import DEFAULT, PosteriorDraws, PosteriorError, save

FOLDER = "innovation-economy"
AGAIN = "Delete that folder to begin anew."


def calibrate(
    city: City,
    path: Path = DEFAULT,
    *,
    quick: bool = False,
    seed: int = 1,
    threads: int | None = None,
    progress: fitting.Progress | None = None,
) -> PosteriorDraws:
    """Fit the city to the record of data/ and write draws from the posterior.

    What is computed is kept in the user's cache, so that a fit cut off goes on when it is asked for again; it is
    deleted once the draws are written.

    Parameters
    ----------
    quick
        A minute instead of half an hour: shows that all works. Such draws are marked unfit for use.
    threads
        Of the engine; None: one a processor.
    progress
        Told now and then which step the fit is at, how much of it is done, how much there is, and seconds left of it.

    Raises
    ------
    PosteriorError
        Where the draws are not good enough, with what to do, or what was kept of the fit cannot be gone on with.
    OSError
        Where the file cannot be written; that is tried before the fit.
    """
    replaceable(path)
    probe = path.with_name(f".{path.name}.probe")
    write_whole(probe, b"")
    probe.unlink()
    posterior = Posterior(city, read_record(city).counted, threads)
    state = state_folder(posterior, quick, seed)
    try:
        found = fitting.fit(posterior, quick=quick, seed=seed, state=state, progress=progress)
    except SamplerError as error:
        raise PosteriorError([Fault(str(state), None, "", str(error), AGAIN)]) from None
    kept = save(path, found, posterior, quick=quick)
    shutil.rmtree(state, ignore_errors=True)
    return kept


def state_folder(posterior: Posterior, quick: bool, seed: int) -> Path:
    """Where a fit keeps how far it is: one folder a model, data, seed and kind of fit."""
    home = cache_folder(FOLDER)
    if home is None:
        message = "No home folder is known, where a fit keeps how far it is."
        raise PosteriorError([Fault("HOME", None, "", message, "Set it, or XDG_CACHE_HOME, to a folder of your own.")])
    of = [posterior.city.model.hash, data_hash(posterior.city, posterior.observations), str(quick), str(seed)]
    return home / "fits" / hashlib.sha256(" ".join(of).encode()).hexdigest()[:16]
