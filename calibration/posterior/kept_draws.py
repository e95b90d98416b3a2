"""Draws from the posterior: kept of a fit, and read again where they belong to the model and the record of today."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.record.observations import Observation, Record, read_record
from innovation.calibration.record.operators import Reader
from innovation.engine import VERSION, load_model
from innovation.engine.files import write_whole
from innovation.engine.frontend import text_of, without_drawing
from innovation.model import City
from innovation.model.files import Phrase, Value, phrase
from innovation.version import RELEASE

from .draws import (
    FORM,
    SHORT,
    DrawsRecord,
    ModelText,
    PosteriorDraws,
    PosteriorError,
    asking,
    decoded,
    encoded,
    read_file,
    refit,
    refused,
)
from .exact_figures import exact_figures
from .fingerprint import bound_hash, priors_of, record_hash
from .likelihood import Posterior
from .own_record import asked_record, changes, rows_of, with_record

if TYPE_CHECKING:
    from .fit import Fit

__all__ = ["DEFAULT", "DrawsRecord", "ModelText", "PosteriorDraws", "PosteriorError", "load", "save"]

Floats = NDArray[np.float64]

DEFAULT = Path(__file__).parents[1] / "posterior.parquet"
NUMBER = 4000


def save(
    path: Path,
    fit: Fit,
    posterior: Posterior,
    *,
    quick: bool,
    number: int = NUMBER,
    record: Record | None = None,
) -> PosteriorDraws:
    """Keep about `number` draws of a fit, picked equally from its ensembles; the same fit gives the same bytes.

    Uninformed constants are drawn from their priors with the fit's seed. A quick fit is marked unfit for use. `record`
    has all that was published, figures that do not count too; None: only the figures that were fitted, of the city.

    Raises
    ------
    PosteriorError
        Where the fit is not quick and its draws are not good enough, or the model file is no longer the fitted one,
        with what to do.
    OSError
        Where the file cannot be written.
    """
    if fit.refusal and not quick:
        raise refused(path, "calibration.not_good_enough", said=fit.refusal)
    city = posterior.city
    model = city.model
    content = model.path.read_bytes()
    if model.path.suffix.lower() == ".mdl":
        content = without_drawing(text_of(content)).encode()  # the same draws, however the model is drawn
    if load_model(model.path).hash != model.hash:
        raise refused(path, "calibration.model_changed", name=model.path.name)
    z = fit.draws.pick(min(number, len(fit.draws.pooled)), fit.draws.seed)
    constants = posterior.constants(z, [fit.draws.seed, 1])
    errors = _errors(posterior, z)
    reads = posterior.reader.reads
    published = record or Record(posterior.observations, (), (), ())
    belonging = DrawsRecord(
        form=FORM,
        model_hash=bound_hash(city),
        fitted_hash=bound_hash(city),
        record_hash=record_hash(city, posterior.observations),
        priors=priors_of(city),
        reads=reads,
        fitted_reads=reads,
        seed=fit.draws.seed,
        code=f"{RELEASE}, arithmetic {VERSION}",
        quick=quick,
        fit_for_use=not quick,
        evaluations=fit.draws.evaluations,
        worst={
            "rhat": float(np.max(fit.quality.rhat)),
            "bulk": float(np.min(fit.quality.bulk)),
            "tail": float(np.min(fit.quality.tail)),
        },
        constants=tuple(constants),
        added=(),
        errors=tuple(errors),
        names=posterior.names,
        figures=tuple(figure.id for figure in posterior.observations),
        prior_set=city.prior_set,
        record_name=published.name,
        observations=rows_of(published),
    )
    figures = exact_figures(model, posterior.reader, constants)
    text = ModelText(model.path.name, content)
    return keep(path, PosteriorDraws(constants, errors, z, figures, posterior(z), text, "", belonging))


def keep(path: Path, found: PosteriorDraws) -> PosteriorDraws:
    """Write draws whole, and answer them as they will be read. Raises OSError where the file cannot be written."""
    content = encoded(found)
    write_whole(path, content)
    return decoded(content, path)


def load(
    city: City,
    path: Path = DEFAULT,
    *,
    unfit_ok: bool = False,
    record: Record | None = None,
    of_any: bool = False,
) -> PosteriorDraws:
    """Read draws that are bound to this city's model, and belong to the record and the priors as they stand.

    Parameters
    ----------
    unfit_ok
        Take draws of a quick fit too.
    record, of_any
        As in ``own_record.asked_record``: whose draws are asked for; without either those of the city's own record.

    Raises
    ------
    PosteriorError
        Where the file is missing, damaged, no file of draws, bound to another model, of other data, or unfit for use;
        with how to bind it anew or fit again. ObservationError where the record itself cannot be read.
    """
    found = read_file(path, asking(city.prior_set, record.name if record else ""))
    return checked(city, found, path, unfit_ok=unfit_ok, record=record, of_any=of_any)


def checked(
    city: City,
    found: PosteriorDraws,
    path: Path = Path("draws"),
    *,
    unfit_ok: bool = False,
    record: Record | None = None,
    of_any: bool = True,
) -> PosteriorDraws:
    """The draws where they belong to this city; `path` names them in errors. Otherwise as `load`."""
    of = found.record
    options = asking(city.prior_set, of.record_name)
    fit_again, bind_again = refit(options), phrase("calibration.rebind", asked=options)
    check_priors(city, path, of)
    own = asked_record(city, path, of, record, of_any)
    check_constants(city, path, of, bind_again)
    new = new_constants(city, of)
    if new:
        raise refused(path, "calibration.new_constant", names=_listed(new), remedy=bind_again)
    now = bound_hash(city)
    if of.model_hash != now:
        mine, theirs = now[:SHORT], of.model_hash[:SHORT]
        raise refused(path, "calibration.other_model", theirs=theirs, mine=mine, remedy=bind_again)
    counted = (own or read_record(city)).counted
    check_record(city, path, of, counted, fit_again)
    if of.reads != Reader(city, counted).reads:
        raise refused(path, "calibration.other_reading", remedy=bind_again)
    if not (of.fit_for_use or unfit_ok):
        raise refused(path, "calibration.quick", remedy=fit_again)
    return with_record(found, own)


def check_record(city: City, path: Path, record: DrawsRecord, counted: Sequence[Observation], remedy: Phrase) -> None:
    """Raises PosteriorError, with the figures that changed, where the record is no longer that of the draws."""
    if record.record_hash != record_hash(city, counted):
        what = changes(record, counted) or phrase("calibration.untold")
        raise refused(path, "calibration.other_data", what=what, remedy=remedy)


def check_priors(city: City, path: Path, record: DrawsRecord) -> None:
    """Raises PosteriorError where draws believe another set of priors than the city does."""
    if record.prior_set != city.prior_set:
        raise refused(path, "calibration.other_priors", theirs=record.prior_set, mine=city.prior_set)


def moved_priors(city: City, record: DrawsRecord) -> list[str]:
    """Constants of the draws that are now believed otherwise."""
    now = priors_of(city)
    return [name for name, prior in record.priors.items() if name in now and now[name] != prior]


def check_constants(
    city: City, path: Path, record: DrawsRecord, remedy: Phrase, uninformed: Collection[str] = ()
) -> None:
    """Raises PosteriorError where a constant of the draws is now believed otherwise, or no longer drawn.

    `uninformed` are constants, or elements of them, whose prior may change.
    """
    now = priors_of(city)
    moved = [name for name in moved_priors(city, record) if name not in uninformed]
    moved = [name for name in moved if "[" in name or not set(city.elements(name)) <= set(uninformed)]
    gone = [name for name in record.priors if name not in now]
    if moved:
        raise refused(path, "calibration.changed_prior", names=_listed(moved), remedy=remedy)
    if gone:
        raise refused(path, "calibration.gone_constant", names=_listed(gone), remedy=remedy)


def new_constants(city: City, record: DrawsRecord) -> list[str]:
    """Constants that have a prior now and had none when the draws were made."""
    return [name for name in priors_of(city) if name not in record.priors]


def _listed(names: Sequence[str]) -> Value:
    return names[0] if len(names) == 1 else phrase("calibration.first_of", name=names[0], more=len(names) - 1)


def _errors(posterior: Posterior, z: Floats) -> dict[str, Floats]:
    """Error sizes and persistences by the names of their coordinates."""
    errors = posterior.errors(z)
    sizes = {f"error size[{group},{size}]": values for (group, size), values in errors.sizes.items()}
    kept = {f"persistence of errors[{group}]": values for group, values in errors.persistence.items()}
    return {name: {**sizes, **kept}[name] for name in posterior.measurement.names}
