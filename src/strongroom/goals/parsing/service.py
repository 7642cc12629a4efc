"""Reads a goal's text by the rules, and lets a local model fill what they left open.

The rules decide first and last: a model is asked for gaps only, and the rules read what it points
at. Without a model, or without its answer, the rules stand alone, and the result says so.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date

from strongroom.core.money import Currency
from strongroom.goals.parsing import gaps, rules
from strongroom.goals.parsing.types import Interpreter, ModelIsSilent, ModelUse, Understood

_log = logging.getLogger(__name__)


async def understand(
    text: str,
    *,
    interpreter: Interpreter,
    today: date,
    currency: Currency,
    born: date | None = None,
) -> Understood:
    """Return what a goal's text says. ``currency`` holds where the text names none.

    No unit of work may be open: a model may be asked over the network. Raises what ``parse`` does.
    """
    said = rules.parse(text, today=today, currency=currency, born=born)
    model, open_fields = interpreter.model, gaps.of(said)
    if model is None:
        return said
    if not open_fields:
        return replace(said, model=ModelUse.NOT_NEEDED)
    try:
        answer = await model.answer(
            task=gaps.task(open_fields), text=said.goal_text, schema=gaps.schema(open_fields)
        )
    except ModelIsSilent as silence:
        _log.warning("%s The rules alone decided.", silence.message)
        return replace(said, model=ModelUse.SILENT, model_name=model.name)
    filled = gaps.fill(said, answer, today=today, currency=currency, born=born)
    helped = len(filled.origins) > len(said.origins)
    return replace(
        filled, model=ModelUse.FILLED if helped else ModelUse.NO_HELP, model_name=model.name
    )
