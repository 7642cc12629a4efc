"""How ids and money stand in JSON: ``acc_0192…`` and ``{"amount": "12.34", "currency": "NOK"}``.

Annotations for pydantic's models. An amount is a text in both directions: a JSON number would have
been a float somewhere on its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from strongroom.core import ids
from strongroom.core.errors import StrongroomError
from strongroom.core.money import Money, currency
from strongroom.core.plain import money_json, plain_number


@dataclass(frozen=True, slots=True)
class WireId:
    """Makes an id show with a prefix: ``Annotated[AccountId, WireId("acc")]``.

    Text that is no such id raises ``NotFound``, as an id that nobody has does.
    """

    prefix: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(self._show),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{self.prefix}_[0-9a-f]{{32}}$"}

    def _read(self, value: object) -> UUID:
        return value if isinstance(value, UUID) else ids.parse(self.prefix, str(value))

    def _show(self, value: UUID) -> str:
        return ids.show(self.prefix, value)


class _MoneyOnTheWire:
    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _read_money,
            serialization=core_schema.plain_serializer_function_ser_schema(money_json),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        amount = {"type": "string", "pattern": r"^-?[0-9]{1,18}(\.[0-9]{1,10})?$"}
        return {
            "type": "object",
            "required": ["amount", "currency"],
            "properties": {
                "amount": amount,
                "currency": {"type": "string", "description": "ISO 4217, or a bank's own code"},
            },
        }


def _of_text(value: object) -> object:
    if isinstance(value, str):
        try:
            return plain_number(value)
        except InvalidOperation:
            raise ValueError("the number must be written as 12.34") from None
    if isinstance(value, bool):
        raise ValueError("this has to be a number")
    return value


WireDecimal = Annotated[Decimal, BeforeValidator(_of_text)]
"""A number without a currency in requests: a JSON number, or a text as ``plain_number`` reads."""

WireInt = Annotated[int, Field(strict=True)]
"""A whole number in a request's body: neither a text nor true, which is 1 elsewhere."""

WireMoney = Annotated[Money, _MoneyOnTheWire]
"""``Money`` in requests and answers."""


def _read_money(value: object) -> Money:
    if isinstance(value, Money):
        return value
    match value:
        case {"amount": str(amount), "currency": str(code)}:
            try:
                return Money(plain_number(amount), currency(code))
            except InvalidOperation:
                raise ValueError('the amount must be a number as text, such as "12.34"') from None
            except StrongroomError as error:
                raise ValueError(error.message.rstrip(".")) from None
    raise ValueError('must be {"amount": "12.34", "currency": "NOK"}, the amount as text')
