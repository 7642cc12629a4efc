"""What is kept aside says why in any language, and logs go on: see the SQL file of its number."""

from pathlib import Path

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Run the SQL file beside this step."""
    sql = Path(__file__).parents[1] / "sql" / "0027_told_apart.sql"
    op.get_bind().connection.cursor().execute(sql.read_text(encoding="utf-8"))
