"""Draws bound anew to a changed model: where every draw says of the record what it said when fitted, to the bit."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.record.observations import Observation, Record, read_record
from innovation.calibration.record.operators import Reader
from innovation.engine import EngineError, Model, load_model
from innovation.model import City
from innovation.model.files import Phrase, phrase

from .draws import ModelText, PosteriorDraws, asking, read_file, refit, refused, replaceable
from .exact_figures import exact_figures
from .fingerprint import bound_hash, priors_of
from .kept_draws import DEFAULT, check_constants, check_priors, check_record, keep, moved_priors, new_constants
from .likelihood import Posterior
from .own_record import asked_record, rows_of, spare_others
from .uninformed import added_coordinates, uninformed_coordinates

Floats = NDArray[np.float64]

NEAR = 1e-6  # of a figure: what other processors and orders of summation leave is a millionth of this


@dataclass(frozen=True)
class BoundDraws:
    """Draws that are bound now, the hash of the model they were bound to before, and constants drawn anew.

    `added` are those that the draws lacked, `moved` those whose prior has changed since.
    """

    draws: PosteriorDraws
    before: str
    added: tuple[str, ...]
    moved: tuple[str, ...]
    figures: int

    @property
    def is_new(self) -> bool:
        """Whether anything had to be bound."""
        return self.before != self.draws.record.model_hash or bool(self.added or self.moved)


def rebind(
    city: City,
    path: Path = DEFAULT,
    out: Path | None = None,
    *,
    record: Record | None = None,
    of_any: bool = False,
) -> BoundDraws:
    """Bind draws to the city's model as it stands, where they need no fit; else nothing is written.

    Both the fitted model, which the file carries, and the present one run here with every draw. A constant that became
    uncertain after the fit is drawn from its prior: where it moves no figure, that is its posterior. So is one that the
    record says nothing of and whose prior has changed: each draw keeps its place in the prior.

    Parameters
    ----------
    out
        Where the bound draws go; None: in place of the old ones.
    record, of_any
        As in ``own_record.asked_record``: whose draws are asked for; without either those of the city's own record.

    Raises
    ------
    PosteriorError
        Where the record has changed, or the prior of a constant that it informs, a constant of the draws is gone, or a
        figure of a draw differs in a bit: then the first such draw, figure, year and both values are named.
    OSError
        Where the file cannot be written.
    """
    found = read_file(path, asking(city.prior_set, record.name if record else ""))
    of = found.record
    check_priors(city, path, of)
    own = asked_record(city, path, of, record, of_any)
    published = own or read_record(city)
    observations, fit_again = published.counted, refit(asking(city.prior_set, of.record_name))
    check_record(city, path, of, observations, fit_again)
    posterior = Posterior(city, observations)
    moved = moved_priors(city, of)
    check_constants(city, path, of, fit_again, set(posterior.uninformed.names))
    new = _added(city, posterior, found)
    added = list(new)
    anew = {**new, **_moved(posterior, found, moved, added)}
    before = _fitted_figures(path, city, found, observations, fit_again)
    after = exact_figures(city.model, posterior.reader, {**found.draws, **anew})
    _same(path, observations, before, after, fit_again)
    if posterior.names != of.names:
        other = sorted(set(posterior.names) ^ set(of.names))
        names = tuple(other[:5]) or phrase("calibration.other_order")
        raise refused(path, "calibration.other_constants", names=names, remedy=fit_again)
    bound = replace(
        of, model_hash=bound_hash(city), reads=posterior.reader.reads, priors=priors_of(city),
        constants=(*of.constants, *added), added=(*of.added, *added),
        observations=rows_of(published),
    )  # fmt: skip
    now = replace(found, draws={**found.draws, **anew}, record=bound)
    place = out or path
    if bound != of or place != path:
        spare_others(place, DEFAULT, own)
        replaceable(place, of.record_name)
        now = keep(place, now)
    return BoundDraws(now, of.model_hash, tuple(added), tuple(moved), after.size)


def _added(city: City, posterior: Posterior, found: PosteriorDraws) -> dict[str, Floats]:
    """Draws of the constants that the file lacks, each from its own stream, by name."""
    families = set(new_constants(city, found.record))
    names = [name for name in posterior.whole.names if name in families or name.partition("[")[0] in families]
    if not names:
        return {}
    z = np.stack([added_coordinates(name, found.record.seed, found.distinct) for name in names], axis=1)
    return posterior.whole.part(names).to_constants(z)


def _moved(
    posterior: Posterior, found: PosteriorDraws, names: Sequence[str], added: Sequence[str]
) -> dict[str, Floats]:
    """Draws under their present priors of the constants whose priors have changed, by name: the same coordinates.

    `added` are constants that the draws lack.
    """
    if not names:
        return {}
    learned, uninformed = posterior.space, posterior.uninformed
    record = replace(found.record, added=(*found.record.added, *added))
    z = np.concatenate([found.z[:, : learned.d], uninformed_coordinates(posterior, record, found.distinct)], axis=1)
    order = [[*learned.names, *uninformed.names].index(name) for name in posterior.whole.names]
    every = posterior.whole.to_constants(z[:, order])
    return {name: values for name, values in every.items() if name in names or name.partition("[")[0] in names}


def _fitted_figures(
    path: Path, city: City, found: PosteriorDraws, observations: Sequence[Observation], remedy: Phrase
) -> Floats:
    """What the model that was fitted says here; refused where that is not what it said when it was fitted."""
    record = found.record
    reader = Reader(city, observations, record.fitted_reads)
    fitted = {name: values for name, values in found.draws.items() if name not in record.added}
    try:
        figures = exact_figures(_carried(found.fitted_model), reader, fitted)
    except EngineError as error:
        first = str(error).splitlines()[0]
        raise refused(path, "calibration.fitted_does_not_run", problem=first, remedy=remedy) from None
    kept = dict(zip(record.figures, found.figures, strict=True))
    for figure, row in zip(observations, figures, strict=True):
        if figure.id in kept and not np.allclose(row, kept[figure.id], rtol=NEAR, atol=NEAR, equal_nan=True):
            draw = int(np.argmax(np.abs(row - kept[figure.id])))
            now, then = float(row[draw]), float(kept[figure.id][draw])
            raise refused(
                path, "calibration.fitted_says", now=now, then=then, figure=figure.id, draw=draw + 1, remedy=remedy
            )
    return figures


def _carried(text: ModelText) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / text.name
        file.write_bytes(text.content)
        return load_model(file)


def _same(path: Path, observations: Sequence[Observation], before: Floats, after: Floats, remedy: Phrase) -> None:
    """Raises PosteriorError where a bit differs: the first draw, and in it the first figure of the record."""
    differ = before.view(np.int64) != after.view(np.int64)
    if not differ.any():
        return
    draw = int(np.argmax(differ.any(axis=0)))
    place = int(np.argmax(differ[:, draw]))
    figure = observations[place]
    years = f"{figure.last}" if figure.first is None else f"{figure.first}-{figure.last}"
    raise refused(
        path,
        "calibration.draw_differs",
        draw=draw + 1,
        draws=differ.shape[1],
        figure=figure.id,
        years=years,
        now=float(after[place, draw]),
        then=float(before[place, draw]),
        different=int(differ.sum()),
        figures=differ.size,
        remedy=remedy,
    )


def told(found: BoundDraws, place: Path) -> str:
    """In words what was bound, and where it is."""
    record = found.draws.record
    lines = [
        f"{found.draws.distinct:,} draws in {place}: all {found.figures:,} figures of the record as fitted, to the bit."
    ]
    lines += [f"They belong to the record {record.record_name}, not to the city's own."] if record.record_name else []
    lines += [f"{name}: new since the fit, drawn from its prior." for name in found.added]
    lines += [f"{name}: drawn anew from its prior, which has changed since the fit." for name in found.moved]
    model = record.model_hash[:12]
    lines.append(f"Bound to model {model} (before: {found.before[:12]})." if found.is_new else f"Already of {model}.")
    return "\n".join(lines)
