"""The same promises for less work: see the SQL file of the same number."""

from pathlib import Path

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Run the SQL file beside this step."""
    sql = Path(__file__).parents[1] / "sql" / "0030_bounded.sql"
    op.get_bind().connection.cursor().execute(sql.read_text(encoding="utf-8"))
