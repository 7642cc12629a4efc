"""HTTP as every domain's routes speak it: problems, pages of a list, idempotency, ids and money.

Knows no domain. Templates stand above it, so the look of a problem's page is handed in.
"""

from strongroom.core.http.edge import (
    MAX_BODY_BYTES,
    Edge,
    Most,
    TooLarge,
    client_address,
    networks,
)
from strongroom.core.http.idempotency import (
    Asked,
    AskedOnce,
    Turn,
    asked,
    forget_answers_for_all,
    idempotent,
    idempotent_flow,
)
from strongroom.core.http.problems import (
    KINDS,
    PageOf,
    Problem,
    answer,
    openapi_responses,
    problem_schema,
    wants_page,
)
from strongroom.core.http.wire import WireDecimal, WireId, WireInt, WireMoney
from strongroom.core.paging import BadCursor, Page, decode_cursor, encode_cursor
from strongroom.core.plain import amount_text, money_json

__all__ = [
    "KINDS",
    "MAX_BODY_BYTES",
    "Asked",
    "AskedOnce",
    "BadCursor",
    "Edge",
    "Most",
    "Page",
    "PageOf",
    "Problem",
    "TooLarge",
    "Turn",
    "WireDecimal",
    "WireId",
    "WireInt",
    "WireMoney",
    "amount_text",
    "answer",
    "asked",
    "client_address",
    "decode_cursor",
    "encode_cursor",
    "forget_answers_for_all",
    "idempotent",
    "idempotent_flow",
    "money_json",
    "networks",
    "openapi_responses",
    "problem_schema",
    "wants_page",
]
