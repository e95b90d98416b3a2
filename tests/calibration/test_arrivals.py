"""What is counted comes at the times drawn, whoever asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from innovation.calibration.discrepancy.events import BLOCK, Arrivals


def test_as_many_are_counted_as_times_have_passed():
    expected = np.sort(np.random.default_rng(3).gamma(1.0, 120.0, (50, 15)), axis=1)
    expected[0] = 0.0
    arrivals = Arrivals("a thing", 50, 1)

    found = arrivals.counted(expected, np.arange(50))

    blocks = int(expected.max()) // BLOCK + 4
    times = np.concatenate([arrivals._block(number) for number in range(blocks)], axis=1)
    assert times[:, -1].min() > expected.max()
    assert (found == (times[:, None, :] <= expected[:, :, None]).sum(axis=2)).all()
    assert found.max() > BLOCK


def test_those_who_ask_at_once_are_told_the_same():
    expected, members = np.full((200, 15), 900.0), np.arange(200)
    alone = Arrivals("a thing", 200, 1).counted(expected, members)

    shared = Arrivals("a thing", 200, 1)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: shared.counted(expected, members), range(16)))

    assert all((one == alone).all() for one in found)
