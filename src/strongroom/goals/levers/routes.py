"""What would change a goal's chance, as JSON under ``/api/v1``: sensitivity and what-if."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from strongroom import identity, transactions
from strongroom.core import ids
from strongroom.core.ids import CategoryId
from strongroom.core.money import Currency, Money
from strongroom.core.wire import WireDecimal, WireInt, WireMoney
from strongroom.goals import runs
from strongroom.goals.levers import service
from strongroom.goals.levers.service import Basis
from strongroom.goals.levers.types import WANTED, Changes, WhatIf, WhatIfIsWrong
from strongroom.goals.levers.wire import CutOut, SensitivityOut
from strongroom.goals.runs.wire import GoalRef, OutcomeOut
from strongroom.goals.types import GoalId
from strongroom.identity.access import may
from strongroom.ui import N_

router = APIRouter(tags=["goals"])

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
_MOST_CUTS = 100


def engine_home(request: Request) -> Path:
    """Return the folder under which the compiled engine lies. Raises ``EngineIsBeingMade``."""
    home: Path = request.app.state.services.settings.home
    runs.check_engine(home)
    return home


Home = Annotated[Path, Depends(engine_home)]


class CutBody(BaseModel):
    """Spend a ``share`` less on a category, 0.2 for 20 %. ``category``: an id or a key."""

    model_config = ConfigDict(extra="forbid")

    category: str
    share: WireDecimal


class WhatIfBody(BaseModel):
    """What would be different, all together; what is left out stays as it is.

    ``all_that_is_left``: put aside whatever is left over, in place of an amount. ``extra_saving``
    is spent less each month and put aside on top, and so is what ``cuts`` leave. Amounts are in
    the goal's currency, ``annual_return`` is a fraction.
    """

    model_config = ConfigDict(extra="forbid")

    monthly_contribution: WireMoney | None = None
    all_that_is_left: bool = False
    months: WireInt | None = None
    target: WireMoney | None = None
    annual_return: WireDecimal | None = None
    extra_saving: WireMoney | None = None
    cuts: list[CutBody] = Field(default_factory=list, max_length=_MOST_CUTS)


class WhatIfOut(BaseModel):
    """The chance as it is, and what it would be; ``difference`` is the one less the other.

    ``extra_saving``: all that is put aside on top each month; ``saved_by_cuts``: what of it the
    cuts leave. ``outcome``: what would come of it, by ``paths`` of the same futures.
    """

    chance_before: Decimal
    chance: Decimal
    difference: Decimal
    target: WireMoney
    months: int
    monthly_contribution: WireMoney | None
    extra_saving: WireMoney
    saved_by_cuts: WireMoney
    outcome: OutcomeOut
    paths: int
    seed: int
    engine: str

    @classmethod
    def of(cls, one: WhatIf, code: Currency) -> WhatIfOut:
        """Return what would be as it stands in JSON."""
        found, aim = one.outcome, one.case.aim
        planned = aim.monthly_contribution
        return cls(
            chance_before=one.before,
            chance=found.chance,
            difference=found.chance - one.before,
            target=Money(aim.target, code),
            months=aim.months,
            monthly_contribution=None if planned is None else Money(planned, code),
            extra_saving=Money(aim.extra_saving, code),
            saved_by_cuts=Money(one.saved_by_cuts, code),
            outcome=OutcomeOut.of(found),
            paths=found.paths,
            seed=found.seed,
            engine=found.engine,
        )


@router.get("/goals/{goal_id}/sensitivity", summary="What would change a goal's chance")
async def get_sensitivity(
    caller: Reader,
    home: Home,
    goal_id: GoalRef,
    wanted: Annotated[Decimal, Query(description="The chance that is to be reached")] = WANTED,
) -> SensitivityOut:
    """Return what one step of each lever does, and the smallest change that is enough.

    At most 60 a minute: 429 past them, with when to try again.
    """
    await service.count_sensitivity(caller.database, owner=caller.owner, now=caller.now)
    basis = await _basis(caller, goal_id, home)
    found = await service.sensitivity_of(basis, home=home, wanted=wanted)
    cuts = await service.cut_rules_of(basis, home=home)
    return SensitivityOut.of(
        found,
        currency=basis.currency,
        cuts=[CutOut.of(one, ids.show("cat", one.category_id)) for one in cuts],
    )


@router.post("/goals/{goal_id}/what-if", summary="What a goal's chance would be")
async def what_if(caller: Reader, home: Home, goal_id: GoalRef, body: WhatIfBody) -> WhatIfOut:
    """Return what changes would do, in the same simulated futures. Nothing is stored.

    At most 600 a minute: 429 past them, with when to try again.
    """
    await service.count_what_if(caller.database, owner=caller.owner, now=caller.now)
    cuts = await _cuts(caller, body.cuts) if body.cuts else {}
    basis = await _basis(caller, goal_id, home)
    changes = _read(body, basis.currency, cuts)
    found = await service.what_if_of(basis, changes, home=home)
    return WhatIfOut.of(found, basis.currency)


async def _basis(caller: identity.Caller, goal_id: GoalId, home: Path) -> Basis:
    return await service.basis(
        caller.database, owner=caller.owner, goal_id=goal_id, now=caller.now, home=home
    )


def _read(body: WhatIfBody, code: Currency, cuts: dict[CategoryId, Decimal]) -> Changes:
    """Return the changes that a body tells of. Raises ``WhatIfIsWrong`` for other currencies."""
    return Changes(
        monthly_contribution=_amount(body.monthly_contribution, code, "monthly_contribution"),
        all_that_is_left=body.all_that_is_left,
        months=body.months,
        target=_amount(body.target, code, "target"),
        annual_return=body.annual_return,
        extra_saving=_amount(body.extra_saving, code, "extra_saving") or Decimal(0),
        cuts=cuts,
    )


def _amount(given: Money | None, code: Currency, field: str) -> Decimal | None:
    if given is None:
        return None
    if given.currency != code:
        raise WhatIfIsWrong(
            N_("This amount is not in the goal's currency."),
            field=field,
            hint=N_("Write it in the currency of the goal's target."),
        )
    return given.amount


async def _cuts(caller: identity.Caller, cuts: list[CutBody]) -> dict[CategoryId, Decimal]:
    """Return the shares by category. Raises ``CategoryNotFound``, and for one named twice."""
    async with caller.unit_of_work() as db:
        known = await transactions.categories(db, owner=caller.owner)
    named = {ids.show("cat", one.id): one.id for one in known}
    named |= {one.key: one.id for one in known if one.key is not None}
    found: dict[CategoryId, Decimal] = {}
    for cut in cuts:
        category_id = named.get(cut.category)
        if category_id is None:
            raise transactions.CategoryNotFound(N_("There is no such category."), field="cuts")
        if category_id in found:
            raise WhatIfIsWrong(
                N_("A category is named twice."), field="cuts", hint=N_("Name it once.")
            )
        found[category_id] = cut.share
    return found
