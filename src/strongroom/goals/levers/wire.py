"""What would change a chance, as it stands in JSON: the same over HTTP and at the terminal.

Amounts are in the currency that stands beside them once; null where a file names none.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Final

from pydantic import BaseModel

from strongroom.goals.levers.types import Change, CutRule, Effect, Lever, Reach, Sensitivity

_EXACT: Final = Context(prec=60)


class ChangeOut(BaseModel):
    """One number changed ``by`` so much, to ``value``, and the chance there is then."""

    value: Decimal
    by: Decimal
    chance: Decimal

    @classmethod
    def of(cls, one: Change | None) -> ChangeOut | None:
        """Return the change as it stands in JSON."""
        if one is None:
            return None
        return cls(value=_written(one.value), by=_written(one.by), chance=one.chance)


class LeverOut(BaseModel):
    """One lever: its ``value`` now, a step ``down`` and ``up``, and from least to greatest chance.

    ``enough``: the smallest change that makes the chance what is wanted; null where none does up
    to ``limit``. Income, spending, contribution and extra_saving are amounts a month, target and
    starting_amount amounts; timeline is in months, volatility a share of today's, emergencies a
    chance each month and return a rate a year.
    """

    lever: Lever
    value: Decimal
    down: ChangeOut | None
    up: ChangeOut | None
    swing: Decimal
    enough: ChangeOut | None
    limit: Decimal

    @classmethod
    def of(cls, effect: Effect, reach: Reach) -> LeverOut:
        """Return the lever as it stands in JSON."""
        return cls(
            lever=effect.lever,
            value=_written(effect.value),
            down=ChangeOut.of(effect.down),
            up=ChangeOut.of(effect.up),
            swing=effect.swing,
            enough=ChangeOut.of(reach.change),
            limit=_written(reach.limit),
        )


class CutOut(BaseModel):
    """What spending a ``share`` less on a category leaves in a month, and the chance then.

    A default category has a ``key``, a person's own a ``name``.
    """

    category: str
    key: str | None
    name: str | None
    share: Decimal
    extra_saving: Decimal
    chance: Decimal

    @classmethod
    def of(cls, one: CutRule, shown_id: str) -> CutOut:
        """Return the rule as it stands in JSON."""
        return cls(
            category=shown_id,
            key=one.key,
            name=one.name,
            share=one.share,
            extra_saving=_written(one.extra_saving),
            chance=one.chance,
        )


class SensitivityOut(BaseModel):
    """What would change a chance, the greatest swing first, all on the same simulated futures.

    ``paths``: how many of them steps are compared by. ``cuts``: what spending less would do.
    """

    chance: Decimal
    wanted: Decimal
    currency: str | None
    paths: int
    seed: int
    engine: str
    levers: list[LeverOut]
    cuts: list[CutOut]

    @classmethod
    def of(
        cls, found: Sensitivity, *, currency: str | None, cuts: Sequence[CutOut] = ()
    ) -> SensitivityOut:
        """Return what was found as it stands in JSON."""
        return cls(
            chance=found.chance,
            wanted=found.wanted,
            currency=currency,
            paths=found.paths,
            seed=found.seed,
            engine=found.engine,
            levers=[
                LeverOut.of(effect, reach)
                for effect, reach in zip(found.effects, found.reaches, strict=True)
            ],
            cuts=list(cuts),
        )


def _written(value: Decimal) -> Decimal:
    """Return a number without zeros at its end and without a power of ten beside it."""
    return Decimal(f"{value.normalize(_EXACT):f}")
