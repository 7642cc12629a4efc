"""Every table that holds something of a person is told of: whether it goes out, and why not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import book
from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world

EXPORTED = """
    accounts account_details loan_terms account_balances holdings liabilities categories
    transactions transaction_splits transaction_tags tags attachments sorting_rules
    sorting_rule_accounts sorting_rule_parts sorting_rule_tags sorting_marks transfers refunds
    rejected_pairs budgets budget_amounts recurring_items recurring_rows goals goal_accounts
    profile_overrides settings
"""
"""What a person made or was told: it goes out, and what they made comes back."""
DERIVED = """
    monthly_totals net_worth_snapshots net_worth_stale stale_months book_texts doubles
    recurring_looks forecasts forecast_days financial_profiles simulation_runs simulation_archive
"""
"""What is reckoned anew from the rest."""
OF_ONE_PLACE = """
    plaid_items sync_cursors item_products recurring_streams set_aside_rows plaid_transactions
    import_sources import_source_accounts file_imports import_parts import_books
    file_transactions file_marks file_balances entry_matches
"""
"""Of links to banks and of files as they were brought here: elsewhere they mean nothing."""
SECRET = "data_keys sessions api_tokens link_sessions idempotency_keys"
LOG = """
    audit_log book_changes split_changes undone_edits kept_rows notifications link_events
    plaid_api_events data_refresh_logs
"""


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


def test_every_table_of_people_has_its_place(world: World) -> None:
    told = [
        name for kind in (EXPORTED, DERIVED, OF_ONE_PLACE, SECRET, LOG) for name in kind.split()
    ]
    assert len(told) == len(set(told))
    found = book.values(
        world,
        """
        SELECT c.relname::text FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'strongroom'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition
        """,
    )
    assert {name for (name,) in found} == set(told)
