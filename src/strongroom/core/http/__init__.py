"""HTTP as every domain's routes speak it: problems, idempotency, what surrounds a request.

Knows no domain. Templates stand above it, so the look of a problem's page is handed in. How ids
and money stand in JSON is ``core.wire``, which needs no HTTP.
"""

from strongroom.core.http.bodies import KeyStandsTwice, no_key_twice
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

__all__ = [
    "KINDS",
    "MAX_BODY_BYTES",
    "Asked",
    "AskedOnce",
    "Edge",
    "KeyStandsTwice",
    "Most",
    "PageOf",
    "Problem",
    "TooLarge",
    "Turn",
    "answer",
    "asked",
    "client_address",
    "idempotent",
    "idempotent_flow",
    "networks",
    "no_key_twice",
    "openapi_responses",
    "problem_schema",
    "wants_page",
]
