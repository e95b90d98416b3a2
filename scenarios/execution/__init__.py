"""Many runs in chunks, on threads or a cluster, into folders that are taken up where they were cut off."""

from .executor import Chunk, check_cluster, columns_of
from .filling import MARK, Key, failed_in, figures_of, figures_part, fill, is_part, mark_of, parquet, read_columns
from .progress_meter import Meter, time_in_words
from .run_store import (
    KINDS,
    MANIFEST,
    PART,
    claimable,
    digest,
    digest_of,
    held,
    keep,
    keep_json,
    read_manifest,
    refusal,
    room_for,
    size_in_words,
)

__all__ = [
    "KINDS",
    "MANIFEST",
    "MARK",
    "PART",
    "Chunk",
    "Key",
    "Meter",
    "check_cluster",
    "claimable",
    "columns_of",
    "digest",
    "digest_of",
    "failed_in",
    "figures_of",
    "figures_part",
    "fill",
    "held",
    "is_part",
    "keep",
    "keep_json",
    "mark_of",
    "parquet",
    "read_columns",
    "read_manifest",
    "refusal",
    "room_for",
    "size_in_words",
    "time_in_words",
]
