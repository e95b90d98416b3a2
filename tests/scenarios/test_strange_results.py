"""Folders of results in which a file is a pipe: nothing waits for it, and it is told or counts as not there."""

from __future__ import annotations

import os

import pytest

from innovation.scenarios.batches.batch_figures import FIGURES, open_figures
from innovation.scenarios.execution.filling import failed_in, is_part, is_whole, read_columns
from innovation.scenarios.execution.run_store import FolderError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes of Unix")
SAID = "cannot be read: this is not a plain file"


@pytest.fixture
def folder(tmp_path):
    os.mkfifo(tmp_path / FIGURES)
    return tmp_path


def test_a_part_that_is_a_pipe_counts_as_not_there(folder):
    assert not is_whole(folder / FIGURES)
    assert not is_part(folder / FIGURES, "mark", (0, (0, 1)))


def test_figures_that_are_a_pipe_are_told_and_not_waited_for(folder):
    with pytest.raises(FolderError, match=SAID):
        read_columns(folder / FIGURES, ["value"])
    with pytest.raises(FolderError, match=SAID):
        read_columns(folder / FIGURES, ["value"], "0" * 64)
    with pytest.raises(FolderError, match=SAID):
        failed_in(folder / FIGURES)
    with pytest.raises(FolderError, match=SAID), open_figures(folder, [], [], [], []):
        pass


def test_figures_that_are_gone_are_told_as_such(tmp_path):
    with pytest.raises(FolderError, match="The file is not there"):
        read_columns(tmp_path / FIGURES, ["value"], "0" * 64)
