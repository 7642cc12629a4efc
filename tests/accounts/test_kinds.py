"""Every type and subtype of Plaid's has a name and a place, and the same place everywhere."""

from __future__ import annotations

import pytest

from strongroom import accounts
from strongroom.accounts import MANUAL_SUBTYPES, AccountKind, rules
from strongroom.core.ids import UserId, new_id
from tests.identity.conftest import World
from tests.sandbox_plaid import openapi

_SCHEMAS = {
    "depository": "DepositoryAccountSubtype",
    "credit": "CreditAccountSubtype",
    "loan": "LoanAccountSubtype",
    "investment": "InvestmentAccountSubtype",
    "brokerage": "InvestmentAccountSubtype",
    "other": "OtherAccountSubtype",
}
_OURS = ("manual_asset", "manual_liability")


@pytest.fixture(scope="module")
def kinds(world: World) -> dict[tuple[str, str], AccountKind]:
    found = world.within(UserId(new_id()), accounts.list_kinds)
    return {(one.type, one.subtype): one for one in found}


@pytest.mark.skipif(not openapi.DOCUMENT.is_file(), reason=openapi.WHY_ABSENT)
def test_plaid_names_none_that_is_not_here(kinds: dict[tuple[str, str], AccountKind]) -> None:
    schemas = openapi.document()["components"]["schemas"]
    assert set(schemas["AccountType"]["enum"]) == set(_SCHEMAS)
    wanted = {
        (kind, subtype)
        for kind, name in _SCHEMAS.items()
        for subtype in map(str, schemas[name]["enum"])
        if subtype != "all"  # a filter of Link's, and no account's
    }
    assert wanted - kinds.keys() == set()
    known = {subtype for _, subtype in kinds}
    assert set(map(str, schemas["AccountSubtype"]["enum"])) - known == set()


def test_what_the_table_says_is_what_is_done(kinds: dict[tuple[str, str], AccountKind]) -> None:
    for (kind, subtype), one in kinds.items():
        if kind in _OURS:
            assert one.category is MANUAL_SUBTYPES[subtype], subtype
            assert one.category.is_debt is (kind == "manual_liability"), subtype
        else:
            assert one.category is rules.category(kind, subtype), (kind, subtype)
    assert {subtype for kind, subtype in kinds if kind in _OURS} == set(MANUAL_SUBTYPES)
