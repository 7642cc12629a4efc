"""Reviewed rows are found by an index: see the SQL file of its number."""

from pathlib import Path

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Run the SQL file beside this step."""
    sql = Path(__file__).parents[1] / "sql" / "0028_reviewed.sql"
    op.get_bind().connection.cursor().execute(sql.read_text(encoding="utf-8"))
