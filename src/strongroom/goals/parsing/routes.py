"""Goals' texts as JSON under ``/api/v1``: what one says, and from which words that was read."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from strongroom import accounts, identity
from strongroom.core.money import Currency
from strongroom.core.wire import WireDecimal
from strongroom.goals.parsing import currencies, effects, rules, service
from strongroom.goals.parsing.edge import Reading
from strongroom.goals.parsing.types import ConstraintKind, Interpreter, ModelUse, Source, Understood
from strongroom.goals.types import GoalType
from strongroom.identity.access import may
from strongroom.ui import gettext as _

router = APIRouter(tags=["goals"])

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]


class TextBody(BaseModel):
    """A goal as a person writes it. ``currency`` holds where the text names none.

    Left out, it is the person's own. ``born`` is needed for ages in the text only. ``model``: also
    ask the local model, where one is set up.
    """

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=rules.LONGEST_TEXT)
    currency: str | None = Field(None, max_length=3)
    born: date | None = None
    model: bool = True


class QuestionOut(BaseModel):
    """What is to be asked before a goal can be made, and the field that the answer fills."""

    field: str
    code: str
    question: str


class OriginOut(BaseModel):
    """Where a field was read: by the rules or by the model, from ``words`` of the text.

    They stand from character ``start`` up to ``end``. No words: the model judged the whole.
    """

    field: str
    source: Source
    words: str
    start: int
    end: int


class ConstraintOut(BaseModel):
    """A limit that the text sets, in its own words.

    ``reckoned``: what it comes to is in ``assumptions``, or the contribution. Else no chance knows
    of it.
    """

    kind: ConstraintKind
    words: str
    amount: WireDecimal | None
    currency: Currency | None
    reckoned: bool


class UnderstoodOut(BaseModel):
    """What a goal's text says; null is what it does not say, or not plainly.

    ``timeline_months``: 1 to 720, from today. ``covers_months``: months of spending that a reserve
    is to last. ``confidence``: the share, 0 to 1, that the rules read plainly of what for, how much
    and by when. ``assumptions``: what the constraints make of a goal's. ``source``: model where one
    filled a gap; ``model``: what became of it.
    """

    text: str
    goal_type: GoalType
    target_amount: WireDecimal | None
    currency: Currency
    timeline_months: int | None
    monthly_contribution: WireDecimal | None
    covers_months: WireDecimal | None
    needs_clarification: bool
    questions: list[QuestionOut]
    origins: list[OriginOut]
    constraints: list[ConstraintOut]
    assumptions: dict[str, WireDecimal]
    assumed: list[str]
    confidence: WireDecimal
    source: Source
    model: ModelUse
    model_name: str | None

    @classmethod
    def of(cls, said: Understood) -> UnderstoodOut:
        """Return what was understood as it stands in JSON."""
        return cls(
            text=said.goal_text,
            goal_type=said.goal_type,
            target_amount=said.target_amount,
            currency=said.currency,
            timeline_months=said.timeline_months,
            monthly_contribution=said.monthly_contribution,
            covers_months=said.covers_months,
            needs_clarification=said.needs_clarification,
            questions=[
                QuestionOut(field=one.field, code=one.code, question=_(one.text))
                for one in said.questions
            ],
            origins=[
                OriginOut(
                    field=one.field,
                    source=one.source,
                    words=one.words,
                    start=one.start,
                    end=one.end,
                )
                for one in said.origins
            ],
            constraints=[
                ConstraintOut(
                    kind=one.kind,
                    words=one.words,
                    amount=one.amount,
                    currency=one.currency,
                    reckoned=one.reckoned,
                )
                for one in said.constraints
            ],
            assumptions=effects.assumptions(said.constraints, said.currency),
            assumed=list(said.assumed),
            confidence=said.confidence,
            source=said.source,
            model=said.model,
            model_name=said.model_name,
        )


@router.post("/goals/parse", summary="Understand a goal's text")
async def parse(
    request: Request, caller: Reader, body: TextBody, interpreter: Reading
) -> UnderstoodOut:
    """Read how much, by when and what for from a text. Nothing is kept."""
    said = await service.understand(  # outside any unit of work: it may go over the network
        body.text,
        interpreter=interpreter if body.model else Interpreter(),
        today=caller.today,
        currency=await _currency(request, caller, body.currency),
        born=body.born,
    )
    return UnderstoodOut.of(said)


async def _currency(request: Request, caller: identity.Caller, named: str | None) -> Currency:
    if named is not None:
        return currencies.home_of(named)
    async with caller.unit_of_work() as db:
        try:
            return await accounts.main_currency(
                db, owner=caller.owner, chosen=caller.settings.currency
            )
        except accounts.NothingSoFar:
            usual: Currency = request.state.preferences.currency
            return usual
