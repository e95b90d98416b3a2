"""The file of draws: Parquet with a row a draw, a column of float64 a number, and a record as JSON; never executed.

It carries the model file that was fitted and what every draw said of the record, so that the draws can be bound anew.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from innovation.calibration.words import section
from innovation.engine.files import UnreadableFile, read_plain_file
from innovation.model import DEFAULT_PRIORS
from innovation.model.files import DocumentError, Language, Phrase, Value, fault, phrase, shown, why

Floats = NDArray[np.float64]

KEY, FORM = b"posterior", 2
SHORT = 12  # figures of a hash that a sentence tells
LARGEST_FILE, MOST_DRAWS, MOST_COLUMNS = 100_000_000, 20_000, 2_000
LARGEST_MODEL = 50_000_000  # bytes of a model file that is carried
COORDINATE, FIGURE, DENSITY = "z: {}", "figure: {}", "log density"

WORDS = section("draws")


class PosteriorError(DocumentError):
    """A file of draws cannot be used, or draws are not good enough to be kept."""


def asking(prior_set: str, record_name: str = "") -> str:
    """The options that ask a command for a set of priors and a record, after a space; '' for the city's own ones."""
    priors = "" if prior_set == DEFAULT_PRIORS else f" --priors {prior_set}"
    return priors + (f" --record {shlex.quote(record_name)}" if record_name else "")


def refit(asked: str = "") -> Phrase:
    """How draws that are asked for with these options are fitted again."""
    return phrase("calibration.refit", asked=asked)


@dataclass(frozen=True)
class DrawsRecord:
    """What a file of draws belongs to and how good it is; `worst` has the largest R-hat and the least sizes.

    `model_hash` (``fingerprint.bound_hash``) and `reads` (where each term of a figure is read) are of the model that
    the draws are bound to; `fitted_hash` and `fitted_reads` of the one they were fitted to. `priors` has what was
    believed of each constant, and `prior_set` which of the city's sets of priors that was.
    `added` are constants that came after the fit, drawn from their priors; `figures` the ids of the counted figures.
    `record_name` is the file of a record of one's own (own_record.py), '' of the city's; `observations` all its rows.
    """

    form: int
    model_hash: str
    fitted_hash: str
    record_hash: str
    priors: Mapping[str, Any]
    reads: Mapping[str, Any]
    fitted_reads: Mapping[str, Any]
    seed: int
    code: str
    quick: bool
    fit_for_use: bool
    evaluations: int
    worst: Mapping[str, float]
    constants: tuple[str, ...]
    added: tuple[str, ...]
    errors: tuple[str, ...]
    names: tuple[str, ...]
    figures: tuple[str, ...]
    prior_set: str = DEFAULT_PRIORS  # of files written before there were others too
    record_name: str = ""  # as before
    observations: tuple[Mapping[str, Any], ...] = ()  # none in files written before they were carried


@dataclass(frozen=True)
class ModelText:
    """The model file that was fitted: its name without folders, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, eq=False)
class PosteriorDraws:
    """Draws from the posterior, each of shape (draws,).

    Attributes
    ----------
    draws
        Every uncertain constant, uninformed ones, drifts and assumptions included, as ``Model.run`` takes it, by name.
    errors
        Error sizes and persistences of errors by name, as standard deviations and correlations.
    z
        The coordinates that the record can inform, `record.names`, standard normal under the prior; (draws, d).
    figures
        What the fitted model says of each counted figure with these draws, in published units; (figures, draws).
    log_density
        Of z, up to a constant.
    fitted_model
        The model file of the fit.
    hash
        Of the file: results name the posterior by it.
    """

    draws: Mapping[str, Floats]
    errors: Mapping[str, Floats]
    z: Floats
    figures: Floats
    log_density: Floats
    fitted_model: ModelText
    hash: str
    record: DrawsRecord

    @property
    def distinct(self) -> int:
        """How many different draws there are."""
        return len(self.z)

    def members(self, number: int) -> dict[str, Floats]:
        """The first so many draws of every constant, for ``simulate``; beyond the last they repeat in order.

        Raises ValueError where the number is below 1.
        """
        if number != int(number) or number < 1:
            raise ValueError(f"{number} members are wanted; expected a whole number, 1 or more.")
        return self.block(0, int(number))

    def block(self, first: int, last: int) -> dict[str, Floats]:
        """The members from `first` to before `last` of as many as one likes, as `members` has them."""
        places = np.arange(first, last) % self.distinct
        return {name: values[places] for name, values in self.draws.items()}

    def note(self, number: int, language: Language = "en") -> str | None:
        """A sentence where so many members are more than there are different draws, else None."""
        if number <= self.distinct:
            return None
        return WORDS[language]("repeated", members=number, distinct=self.distinct)

    def attrs(self, number: int) -> dict[str, Any]:
        """Where a result of so many members comes from; its draws are `worth` so many independent ones at least."""
        draws = min(number, self.distinct)
        said = {
            "posterior_hash": self.hash, "draws": draws, "worth": min(draws, self.worth), "seed": self.record.seed,
        }  # fmt: skip
        return {**said, **self.own_record}

    @property
    def worth(self) -> int:
        """How many independent draws these are worth at least: those of the coordinate that mixed worst."""
        return int(min(self.distinct, self.record.worst["bulk"]))

    @property
    def own_record(self) -> dict[str, str]:
        """Name and hash of the record of one's own that the draws belong to; {} where it is the city's."""
        name = self.record.record_name
        return {"record": name, "record_hash": self.record.record_hash} if name else {}


def encoded(found: PosteriorDraws) -> bytes:
    """The content of a file with these draws; its hash is not asked."""
    columns = {
        **found.draws,
        **found.errors,
        **{COORDINATE.format(name): column for name, column in zip(found.record.names, found.z.T, strict=True)},
        **{FIGURE.format(name): row for name, row in zip(found.record.figures, found.figures, strict=True)},
        DENSITY: found.log_density,
    }
    values = {name: np.ascontiguousarray(column, dtype="<f8") for name, column in columns.items()}
    record = asdict(found.record)
    model = {
        "name": found.fitted_model.name,
        "zlib": base64.b64encode(zlib.compress(found.fitted_model.content, 9)).decode(),
    }
    said = {"record": record, "model": model, "check": _check(record, model, list(values.values()))}
    table = pa.table(values).replace_schema_metadata({KEY: json.dumps(said, ensure_ascii=False)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=False, use_byte_stream_split=True)
    return bytes(sink.getvalue().to_pybytes())


def read_file(path: Path, asked: str = "") -> PosteriorDraws:
    """The draws in a file, whatever they belong to; `asked` are the options that ask for them.

    Raises PosteriorError where the file is missing, damaged, or no file of draws.
    """
    return decoded(_content(path, asked), path, asked)


def decoded(content: bytes, path: Path, asked: str = "") -> PosteriorDraws:
    """The draws in a file's content, whatever they belong to; PosteriorError where it holds no whole ones."""
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        metadata = file.schema_arrow.metadata or {}
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError):
        raise refused(path, "calibration.no_draws") from None
    if KEY not in metadata:
        raise refused(path, "calibration.other_table")
    try:
        return _read(file, json.loads(metadata[KEY]), hashlib.sha256(content).hexdigest())
    except (pa.ArrowException, OSError, LookupError, ValueError, TypeError, MemoryError, RecursionError, zlib.error):
        raise refused(path, "calibration.draws_damaged", remedy=refit(asked)) from None


def refused(path: Path, code: str, /, **values: Value) -> PosteriorError:
    """The error that a file of draws cannot be used."""
    return PosteriorError([fault(code, shown(path), **values)])


def _check(record: Mapping[str, Any], model: Mapping[str, str], columns: Sequence[Floats]) -> str:
    found = hashlib.sha256(json.dumps([record, model], sort_keys=True).encode())
    for column in columns:
        found.update(column.tobytes())
    return found.hexdigest()


def replaceable(path: Path, record_name: str = "") -> None:
    """Raises PosteriorError where draws of a record would take the place of another's, or of what no fit has written.

    `record_name` is that of a record of one's own, '' of the city's.
    """
    if not os.path.lexists(path):
        return
    content = _content(path)
    try:
        metadata = pq.read_schema(pa.BufferReader(content)).metadata or {}
    except (pa.ArrowException, OSError, ValueError, TypeError):
        metadata = {}
    if KEY not in metadata:
        raise refused(path, "calibration.would_be_lost")
    try:
        of = str(json.loads(metadata[KEY])["record"].get("record_name", ""))
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
        return  # damaged: nothing is lost
    if of != record_name:
        whose = phrase("calibration.the_record", record=of) if of else phrase("calibration.citys_own_record")
        raise refused(path, "calibration.draws_would_be_lost", whose=whose)


def _content(path: Path, asked: str = "") -> bytes:
    try:
        return read_plain_file(path, LARGEST_FILE)
    except UnreadableFile as error:
        if error.absent:
            raise refused(path, "calibration.draws_absent", remedy=refit(asked)) from None
        raise refused(path, "calibration.draws_unreadable", why=why(error)) from None


def _read(file: pq.ParquetFile, said: Mapping[str, Any], digest: str) -> PosteriorDraws:
    record, model = said["record"], said["model"]
    if record["form"] != FORM:
        raise ValueError("another form")
    figures = list(map(FIGURE.format, record["figures"]))
    coordinates = list(map(COORDINATE.format, record["names"]))
    names = [*record["constants"], *record["errors"], *coordinates, *figures, DENSITY]
    schema = file.schema_arrow
    plain = all(kind == pa.float64() for kind in schema.types)
    if file.metadata.num_rows > MOST_DRAWS or len(names) > MOST_COLUMNS or schema.names != names or not plain:
        raise ValueError("not the columns that the record names")
    table = file.read()
    columns = {name: np.ascontiguousarray(table.column(name).to_numpy(), dtype="<f8") for name in names}
    if _check(record, model, list(columns.values())) != said["check"] or not len(table):
        raise ValueError("not what was written")
    for column in columns.values():
        column.flags.writeable = False
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in record.items()
    }
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(base64.b64decode(model["zlib"]), LARGEST_MODEL)
    if not unpacking.eof:
        raise ValueError("not a whole model file")
    return PosteriorDraws(
        draws={name: columns[name] for name in record["constants"]},
        errors={name: columns[name] for name in record["errors"]},
        z=np.stack([columns[name] for name in coordinates], axis=1),
        figures=np.stack([columns[name] for name in figures]),
        log_density=columns[DENSITY],
        fitted_model=ModelText(Path(model["name"]).name, content),
        hash=digest,
        record=DrawsRecord(**fields),
    )
