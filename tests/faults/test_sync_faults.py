"""Short sets of the seeded proofs; ``make prove`` runs as many as one likes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.prove import canaries, ground, sync, tenants
from tests.prove.sync_plan import plan

_FIRST_SEED = 7001


@pytest.fixture(scope="module")
def prepared() -> Iterator[ground.Ground]:
    with ground.prepared() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(_FIRST_SEED, _FIRST_SEED + 4))
def test_the_book_equals_the_truth_after_faults(prepared: ground.Ground, seed: int) -> None:
    assert sync.holds(prepared, seed) == []


def test_some_of_the_short_set_kill_the_worker() -> None:
    killed = [plan(seed).killed for seed in range(_FIRST_SEED, _FIRST_SEED + 4)]
    assert any(killed)
    assert not all(killed)


@pytest.mark.slow
def test_nobody_reaches_anothers_rows(prepared: ground.Ground) -> None:
    assert tenants.run(prepared, 120, _FIRST_SEED) == {}


@pytest.mark.slow
def test_no_secret_is_found_where_it_must_not_be(prepared: ground.Ground) -> None:
    assert canaries.holds(prepared, _FIRST_SEED) == []
