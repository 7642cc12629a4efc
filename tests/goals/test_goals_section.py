"""Goals as an import brings them back: own categories by their new names, and 100 at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from strongroom import goals
from strongroom.core import ids
from strongroom.core.ids import new_id
from strongroom.core.sections import BroughtBack, Known, Record
from strongroom.goals.section import Goals
from strongroom.goals.service import MOST_GOALS
from tests.book import NOW
from tests.goals.savers import Saver, saver
from tests.identity.conftest import World

SECTION = Goals()


@pytest.fixture
def kari(world: World, tmp_path: Path) -> Saver:
    return saver(world, tmp_path)


def told(kari: Saver) -> Record:
    """A goal of hers as an export tells it, under an id that there is nowhere."""
    kari.wants("Cabin", 500_000)
    return {**kari.ask(SECTION.tell)[0], "id": ids.show("goal", new_id())}


def brought(kari: Saver, records: Sequence[Record], known: Known | None = None) -> BroughtBack:
    done: BroughtBack = kari.ask(
        SECTION.bring_back, records=records, known=known or Known(), now=NOW
    )
    return done


def test_what_is_spent_less_on_an_own_category_follows_it(kari: Saver) -> None:
    old, mine, gone = (new_id() for _ in range(3))
    assumptions: Mapping[str, Any] = {
        f"spend_less.{ids.show('cat', old)}": "0.3",
        f"spend_less.{ids.show('cat', gone)}": "0.4",
        "spend_less.dining": "0.2",
        "inflation": "0.03",
    }
    record = {**told(kari), "assumptions": assumptions}
    done = brought(kari, [record], Known({ids.show("cat", old): mine}))
    assert (len(done.made), done.left_out) == (1, 0)
    found = next(one for one in kari.ask(goals.list_all) if str(one.id) == done.made[0])
    assert {name: str(value) for name, value in found.assumptions.items()} == {
        f"spend_less.{ids.show('cat', mine)}": "0.3",
        "spend_less.dining": "0.2",
        "inflation": "0.03",
    }


def test_no_more_come_back_than_there_may_be(kari: Saver) -> None:
    one = told(kari)
    records = [{**one, "id": ids.show("goal", new_id())} for _ in range(MOST_GOALS + 2)]
    done = brought(kari, records)
    assert (len(done.made), done.left_out) == (MOST_GOALS - 1, 3)
    assert len(kari.ask(goals.list_all)) == MOST_GOALS
    # What is there already is neither made nor left out.
    again = brought(kari, records[: MOST_GOALS - 1])
    assert (again.made, again.left_out) == ([], 0)
