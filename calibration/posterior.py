"""Draws from the posterior: kept of a fit, and read again where they belong to the model and the record of today."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine import load_model
from engine.elements import without_drawing
from engine.encoding import text_of
from engine.files import write_whole
from engine.results import VERSION
from model import City

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
from .fingerprint import bound_hash, priors_of, record_hash
from .likelihood import Posterior
from .observations import Observation, Record, read_record
from .operators import Reader
from .own_record import asked_record, changes, rows_of, with_record
from .told import exact_figures

if TYPE_CHECKING:
    from .fit import Fit

__all__ = ["DEFAULT", "DrawsRecord", "ModelText", "PosteriorDraws", "PosteriorError", "load", "save"]

Floats = NDArray[np.float64]

DEFAULT = Path(__file__).parent / "posterior.parquet"
PROJECT = Path(__file__).parents[1] / "pyproject.toml"
NUMBER = 4000
REBIND = (
    "Run `cli.py rebind{0}`: it binds them to this model, without a fit, where all their figures of the record stay "
    "the same. Else run `cli.py calibrate{0}` (less than half an hour). For a variant: --model FILE --out DRAWS with "
    "either."
)
AS_FITTED = "Ask for these with --priors {0}, or name draws of the others: --posterior FILE."
PUT_BACK = "Put the model file back as it was and run the same again: what was fitted is kept."


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
        raise refused(path, fit.refusal)
    city = posterior.city
    model = city.model
    content = model.path.read_bytes()
    if model.path.suffix.lower() == ".mdl":
        content = without_drawing(text_of(content)).encode()  # the same draws, however the model is drawn
    if load_model(model.path).hash != model.hash:
        raise refused(path, f"{model.path.name} has changed since the fit began.", PUT_BACK)
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
        code=f"{_version()}, arithmetic {VERSION}",
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
    of = found.record
    options = asking(city.prior_set, of.record_name)
    fit_again, bind_again = refit(options), REBIND.format(options)
    said = other_priors(city, of)
    if said:
        raise refused(path, said, AS_FITTED.format(of.prior_set))
    own = asked_record(city, path, of, record, of_any)
    said = changed_priors(city, of)
    if said:
        raise refused(path, said, bind_again)
    new = new_constants(city, of)
    if new:
        raise refused(path, f"{_listed(new)} became uncertain after these draws were made, which lack it.", bind_again)
    now = bound_hash(city)
    if of.model_hash != now:
        mine, theirs = now[:SHORT], of.model_hash[:SHORT]
        raise refused(
            path, f"These draws belong to another model ({theirs}); the model file is now {mine}.", bind_again
        )
    counted = (own or read_record(city)).counted
    if of.record_hash != record_hash(city, counted):
        raise refused(path, changed_record(of, counted), fit_again)
    if of.reads != Reader(city, counted).reads:
        raise refused(path, "A figure of the record is read from another variable than in these draws.", bind_again)
    if not (of.fit_for_use or unfit_ok):
        said = "These draws come from a quick fit, which shows that all works and is not fit for use."
        raise refused(path, said, fit_again)
    return with_record(found, own)


OTHER_DATA = "These draws belong to other data: {0}."
UNTOLD = "a figure that counts, or what is believed of its error, has changed"


def changed_record(record: DrawsRecord, counted: Sequence[Observation]) -> str:
    """What is wrong where the record is no longer that of the draws: the figures that are not what they were."""
    return OTHER_DATA.format(changes(record, counted) or UNTOLD)


def other_priors(city: City, record: DrawsRecord) -> str:
    """What is wrong where draws believe another set of priors than the city does; else nothing."""
    if record.prior_set == city.prior_set:
        return ""
    return f"These draws believe the priors {record.prior_set}, and here the priors {city.prior_set} are asked for."


def moved_priors(city: City, record: DrawsRecord) -> list[str]:
    """Constants of the draws that are now believed otherwise."""
    now = priors_of(city)
    return [name for name, prior in record.priors.items() if name in now and now[name] != prior]


def changed_priors(city: City, record: DrawsRecord, uninformed: Collection[str] = ()) -> str:
    """What is wrong where a constant of the draws is now believed otherwise, or no longer drawn; else nothing.

    `uninformed` are constants, or elements of them, whose prior may change.
    """
    now = priors_of(city)
    moved = [name for name in moved_priors(city, record) if name not in uninformed]
    moved = [name for name in moved if "[" in name or not set(city.elements(name)) <= set(uninformed)]
    gone = [name for name in record.priors if name not in now]
    if moved:
        return f"These draws belong to other data: the prior of {_listed(moved)} has changed since."
    return f"These draws hold values of {_listed(gone)}, which has no prior any more." if gone else ""


def new_constants(city: City, record: DrawsRecord) -> list[str]:
    """Constants that have a prior now and had none when the draws were made."""
    return [name for name in priors_of(city) if name not in record.priors]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} more)"


def _errors(posterior: Posterior, z: Floats) -> dict[str, Floats]:
    """Error sizes and persistences by the names of their coordinates."""
    errors = posterior.errors(z)
    sizes = {f"error size[{group},{size}]": values for (group, size), values in errors.sizes.items()}
    kept = {f"persistence of errors[{group}]": values for group, values in errors.persistence.items()}
    return {name: {**sizes, **kept}[name] for name in posterior.measurement.names}


def _version() -> str:
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return f"{project['name']} {project['version']}"
