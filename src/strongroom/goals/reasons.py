"""Why something could not be simulated: kept as it is, told in the language of whoever reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from strongroom.core.errors import Refused
from strongroom.ui import gettext, number


@dataclass(frozen=True, slots=True)
class Reason:
    """An untranslated sentence with its values, and what would help.

    Values are texts or numbers; numbers are written as the reader writes them.
    """

    message: str
    values: Mapping[str, str | Decimal] = field(default_factory=dict)
    hint: str | None = None

    @classmethod
    def of(cls, refused: Refused) -> Reason:
        """Return why something was refused."""
        if isinstance(refused, CannotBeSimulated):
            return refused.reason
        return cls(refused.message, hint=refused.hint)

    @classmethod
    def read(cls, stored: str) -> Reason:
        """Read a reason back; what was kept before they were is a sentence."""
        if not stored.startswith("{"):
            return cls(stored)
        told = json.loads(stored)
        numbers = {name: Decimal(value) for name, value in told["numbers"].items()}
        return cls(told["message"], {**told["texts"], **numbers}, told["hint"])

    def stored(self) -> str:
        """Return it as it is kept."""
        texts = {name: value for name, value in self.values.items() if isinstance(value, str)}
        numbers = {name: str(value) for name, value in self.values.items() if name not in texts}
        told = {"message": self.message, "texts": texts, "numbers": numbers, "hint": self.hint}
        return json.dumps(told, ensure_ascii=False)

    def sentence(self, **instead: str) -> str:
        """Return what is wrong, in the current language; ``instead`` of the values of these names.

        A number below zero has the sign that JSON and terminals have too.
        """
        values = {
            name: value if isinstance(value, str) else _written(value)
            for name, value in self.values.items()
        }
        return gettext(self.message, **{**values, **instead})

    def text(self, **instead: str) -> str:
        """Return what is wrong and what would help, in the current language."""
        said = self.sentence(**instead)
        return f"{said} {gettext(self.hint)}" if self.hint else said


def _written(value: Decimal) -> str:
    whole = value == value.to_integral_value()  # a seed has more digits than go with decimals
    return number(value, digits=0 if whole else None).replace("\N{MINUS SIGN}", "-")


class CannotBeSimulated(Refused):
    """A simulation is refused, for a reason that can be kept and told in another language."""

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        hint: str | None = None,
        values: Mapping[str, str | Decimal] | None = None,
    ) -> None:
        self.reason = Reason(message, values or {}, hint)
        super().__init__(self.reason.sentence(), field=field, hint=hint)
