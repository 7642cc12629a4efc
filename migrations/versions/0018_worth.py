"""Net worth in the base currency: see the SQL file of the same number."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Run the SQL file beside this step."""
    sql = Path(__file__).parents[1] / "sql" / "0018_worth.sql"
    op.get_bind().connection.cursor().execute(sql.read_text(encoding="utf-8"))
