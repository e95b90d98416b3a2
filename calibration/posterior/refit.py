"""A new posterior: the fit, gone on with where it was cut off, and the file of its draws."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from innovation.calibration.mcmc.saved_state import SamplerError
from innovation.calibration.record.observations import Record, read_record
from innovation.engine import OnProgress
from innovation.engine.files import cache_folder, write_whole
from innovation.model import City
from innovation.model.files import fault, why

from . import fit as fitting
from .draws import PosteriorDraws, PosteriorError, replaceable
from .fingerprint import data_hash
from .kept_draws import DEFAULT, NUMBER, save
from .likelihood import Posterior
from .own_record import spare_others, without_a_chance

FOLDER = "innovation-economy"


def calibrate(
    city: City,
    path: Path = DEFAULT,
    *,
    quick: bool = False,
    seed: int = 1,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
    record: Record | None = None,
) -> PosteriorDraws:
    """Fit the city to the record of data/, or to a record of one's own, and write draws from the posterior.

    What is computed is kept in the user's cache, so that a fit cut off goes on when it is asked for again; it is
    deleted once the draws are written.

    Parameters
    ----------
    quick
        A minute instead of half an hour: shows that all works. Such draws are marked unfit for use.
    threads
        Of the engine; None: one a processor.
    on_progress
        Told now and then how far the fit is.
    record
        A record of one's own (``own_record.read_own_record``), whose draws never take the place of the city's.

    Raises
    ------
    PosteriorError
        Where the draws are not good enough, with what to do; what was kept of the fit cannot be gone on with; a figure
        has no chance under the priors; or the file, or what is kept on the way, cannot be written. The room for both is
        tried before the fit; where the disk fills later, what was computed stays and the same call goes on.
    """
    published = record or read_record(city)
    spare_others(path, DEFAULT, published)
    replaceable(path, published.name)
    posterior = Posterior(city, published.counted, threads)
    _try_room(path, posterior)
    wrong = without_a_chance(posterior)
    if wrong:
        where = published.name or "observations.csv"
        raise PosteriorError([fault("calibration.no_chance", where, said=said) for said in wrong])
    state = state_folder(posterior, quick, seed, published.name)
    try:
        found = fitting.fit(posterior, quick=quick, seed=seed, state=state, on_progress=on_progress)
    except SamplerError as error:
        raise PosteriorError([fault("calibration.fit_failed", str(state), said=str(error))]) from None
    except OSError as error:
        raise PosteriorError([fault("calibration.fit_unwritten", str(state), why=why(error))]) from None
    try:
        kept = save(path, found, posterior, quick=quick, record=published)
    except OSError as error:
        raise PosteriorError([fault("calibration.fitted_unwritten", str(path), why=why(error))]) from None
    shutil.rmtree(state, ignore_errors=True)
    return kept


def _try_room(path: Path, posterior: Posterior) -> None:
    """Raises PosteriorError where no file of about the size of the draws can be written."""
    probe = path.with_name(f".{path.name}.probe")
    columns = posterior.whole.d + posterior.d + len(posterior.observations) + 1
    try:
        write_whole(probe, bytes(8 * NUMBER * columns))
        probe.unlink()
    except (OSError, ValueError) as error:
        raise PosteriorError([fault("calibration.unwritten", str(path), why=why(error))]) from None


def state_folder(posterior: Posterior, quick: bool, seed: int, record_name: str = "") -> Path:
    """Where a fit keeps how far it is: one folder a model, data, seed and kind of fit, and record of one's own."""
    home = cache_folder(FOLDER)
    if home is None:
        raise PosteriorError([fault("calibration.no_home", "HOME")])
    of = [posterior.city.model.hash, data_hash(posterior.city, posterior.observations), str(quick), str(seed)]
    of += [record_name] if record_name else []
    return home / "fits" / hashlib.sha256(" ".join(of).encode()).hexdigest()[:16]
