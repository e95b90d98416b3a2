"""Draws from the posterior in one file, with what they belong to: the model, the data and the seed.

The file is Parquet: a row a draw, a column of float64 a number, and a record as JSON. Nothing in it is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from engine.results import VERSION
from model import City, DocumentError, Fault
from model.documents import shown
from scenarios.writing import write_whole

from .fingerprint import data_hash
from .likelihood import Posterior
from .observations import read_record

if TYPE_CHECKING:
    from .fit import Fit

Floats = NDArray[np.float64]

DEFAULT = Path(__file__).parent / "posterior.parquet"
PROJECT = Path(__file__).parents[1] / "pyproject.toml"
NUMBER = 2000
KEY, FORM = b"posterior", 1
LARGEST_FILE, MOST_DRAWS, MOST_COLUMNS = 100_000_000, 20_000, 2_000
COORDINATE, DENSITY = "z: {}", "log density"
REFIT = "Run `cli.py calibrate` to fit it again (less than half an hour)."
REFIT_VARIANT = f"{REFIT} For a variant: `cli.py calibrate --model FILE --out DRAWS`, then --posterior DRAWS."
ANOTHER = "Name a file that `cli.py calibrate` wrote."
NOTES = {
    "en": "{members} members, {distinct} different draws: they repeat in order, and errors count the different ones.",
    "zh": "共{members}个成员，仅有{distinct}组不同抽样：依次重复使用，误差按不同抽样计算。",
}


class PosteriorError(DocumentError):
    """A file of draws cannot be used, or draws are not good enough to be kept."""


@dataclass(frozen=True)
class Record:
    """What a file of draws belongs to and how good it is; `worst` has the largest R-hat and the least sizes."""

    form: int
    model_hash: str
    data_hash: str
    seed: int
    code: str
    quick: bool
    fit_for_use: bool
    evaluations: int
    worst: Mapping[str, float]
    constants: tuple[str, ...]
    errors: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PosteriorDraws:
    """Draws from the posterior, each of shape (draws,).

    Attributes
    ----------
    draws
        Every uncertain constant, silent ones, drifts and assumptions included, as ``Model.run`` takes it, by name.
    errors
        Error sizes and persistences of errors by name, as standard deviations and correlations.
    z
        The coordinates that the record can inform, `record.names`, standard normal under the prior; (draws, d).
    log_density
        Of z, up to a constant.
    hash
        Of the file: results name the posterior by it.
    """

    draws: Mapping[str, Floats]
    errors: Mapping[str, Floats]
    z: Floats
    log_density: Floats
    hash: str
    record: Record

    @property
    def distinct(self) -> int:
        """How many different draws there are."""
        return len(self.z)

    def members(self, number: int) -> dict[str, Floats]:
        """The first so many draws of every constant, for ``simulate``; beyond the last they repeat in order.

        Raises ValueError where the number is below 1.
        """
        if number < 1:
            raise ValueError(f"{number} members are wanted; expected 1 or more.")
        return self.block(0, number)

    def block(self, first: int, last: int) -> dict[str, Floats]:
        """The members from `first` to before `last` of as many as one likes, as `members` has them."""
        places = np.arange(first, last) % self.distinct
        return {name: values[places] for name, values in self.draws.items()}

    def note(self, number: int, language: Literal["en", "zh"] = "en") -> str | None:
        """A sentence where so many members are more than there are different draws, else None."""
        if number <= self.distinct:
            return None
        return NOTES[language].format(members=number, distinct=self.distinct)

    def attrs(self, number: int) -> dict[str, Any]:
        """What a result of so many members says of its origin."""
        return {"posterior_hash": self.hash, "draws": min(number, self.distinct), "seed": self.record.seed}


def save(path: Path, fit: Fit, posterior: Posterior, *, quick: bool, number: int = NUMBER) -> PosteriorDraws:
    """Keep about `number` draws of a fit, picked equally from its ensembles; the same fit gives the same bytes.

    Silent constants are drawn from their priors with the fit's seed. A quick fit is marked unfit for use.

    Raises
    ------
    PosteriorError
        Where the fit is not quick and its draws are not good enough, with what to do.
    OSError
        Where the file cannot be written.
    """
    if fit.refusal and not quick:
        raise _refused(path, fit.refusal)
    z = fit.draws.pick(min(number, len(fit.draws.pooled)), fit.draws.seed)
    constants = posterior.constants(z, [fit.draws.seed, 1])
    errors = _errors(posterior, z)
    record = Record(
        form=FORM,
        model_hash=posterior.city.model.hash,
        data_hash=data_hash(posterior.city, posterior.observations),
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
        errors=tuple(errors),
        names=posterior.names,
    )
    columns = {**constants, **errors}
    columns |= {COORDINATE.format(name): column for name, column in zip(posterior.names, z.T, strict=True)}
    content = _encoded(record, {**columns, DENSITY: posterior(z)})
    write_whole(path, content)
    return _decoded(content, path)


def load(city: City, path: Path = DEFAULT, *, unfit_ok: bool = False) -> PosteriorDraws:
    """Read draws that belong to this city and to the record as it stands.

    Parameters
    ----------
    unfit_ok
        Take draws of a quick fit too.

    Raises
    ------
    PosteriorError
        Where the file is missing, damaged, no file of draws, of another model, of other data, or unfit for use; with
        how to fit again. ObservationError where the record itself cannot be read.
    """
    found = _decoded(_content(path), path)
    if found.record.model_hash != city.model.hash:
        mine, theirs = city.model.hash[:12], found.record.model_hash[:12]
        raise _refused(
            path, f"These draws belong to another model ({theirs}); the model file is now {mine}.", REFIT_VARIANT
        )
    if found.record.data_hash != data_hash(city, read_record(city).counted):
        said = "These draws belong to other data: a figure that counts, or a prior, has changed since."
        raise _refused(path, said, REFIT)
    if not (found.record.fit_for_use or unfit_ok):
        said = "These draws come from a quick fit, which shows that all works and is not fit for use."
        raise _refused(path, said, REFIT)
    return found


def _errors(posterior: Posterior, z: Floats) -> dict[str, Floats]:
    """Error sizes and persistences by the names of their coordinates."""
    errors = posterior.errors(z)
    sizes = {f"error size[{group},{size}]": values for (group, size), values in errors.sizes.items()}
    kept = {f"persistence of errors[{group}]": values for group, values in errors.persistence.items()}
    return {name: {**sizes, **kept}[name] for name in posterior.measurement.names}


def _encoded(record: Record, columns: Mapping[str, Floats]) -> bytes:
    values = {name: np.ascontiguousarray(column, dtype="<f8") for name, column in columns.items()}
    said = {"record": asdict(record), "check": _check(asdict(record), list(values.values()))}
    table = pa.table(values).replace_schema_metadata({KEY: json.dumps(said, ensure_ascii=False)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=False, use_byte_stream_split=True)
    return bytes(sink.getvalue().to_pybytes())


def _check(record: Mapping[str, Any], columns: Sequence[Floats]) -> str:
    found = hashlib.sha256(json.dumps(record, sort_keys=True).encode())
    for column in columns:
        found.update(column.tobytes())
    return found.hexdigest()


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise _refused(path, "There is no such file of draws.", REFIT) from None
    except IsADirectoryError:
        raise _refused(path, "This is a folder.", ANOTHER) from None
    except (OSError, ValueError) as error:
        said = f"This file cannot be read: {getattr(error, 'strerror', None) or error}."
        raise _refused(path, said, ANOTHER) from None
    if len(content) > LARGEST_FILE:
        said = f"This file is larger than {LARGEST_FILE // 1_000_000} MB."
        raise _refused(path, said, ANOTHER)
    return content


def _decoded(content: bytes, path: Path) -> PosteriorDraws:
    """The draws in a file's content, whatever they belong to; PosteriorError where it holds no whole ones."""
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        metadata = file.schema_arrow.metadata or {}
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError):
        raise _refused(path, "This is no file of draws, or half of one.", ANOTHER) from None
    if KEY not in metadata:
        raise _refused(path, "This is a table, but not one of draws.", ANOTHER)
    try:
        return _read(file, json.loads(metadata[KEY]), hashlib.sha256(content).hexdigest())
    except (pa.ArrowException, OSError, LookupError, ValueError, TypeError, MemoryError, RecursionError):
        raise _refused(path, "This file of draws is damaged.", REFIT) from None


def _read(file: pq.ParquetFile, said: Mapping[str, Any], digest: str) -> PosteriorDraws:
    record = said["record"]
    if record["form"] != FORM:
        raise ValueError("another form")
    names = [*record["constants"], *record["errors"], *map(COORDINATE.format, record["names"]), DENSITY]
    schema = file.schema_arrow
    plain = all(kind == pa.float64() for kind in schema.types)
    if file.metadata.num_rows > MOST_DRAWS or len(names) > MOST_COLUMNS or schema.names != names or not plain:
        raise ValueError("not the columns that the record names")
    table = file.read()
    columns = {name: np.ascontiguousarray(table.column(name).to_numpy(), dtype="<f8") for name in names}
    if _check(record, list(columns.values())) != said["check"] or not len(table):
        raise ValueError("not what was written")
    for column in columns.values():
        column.flags.writeable = False
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
    }
    return PosteriorDraws(
        draws={name: columns[name] for name in record["constants"]},
        errors={name: columns[name] for name in record["errors"]},
        z=np.stack([columns[COORDINATE.format(name)] for name in record["names"]], axis=1),
        log_density=columns[DENSITY],
        hash=digest,
        record=Record(**fields),
    )


def _refused(path: Path, said: str, remedy: str = "") -> PosteriorError:
    return PosteriorError([Fault(shown(path), None, "", said, remedy)])


def _version() -> str:
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return f"{project['name']} {project['version']}"
