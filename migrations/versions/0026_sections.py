"""What a book brings beside its rows: see the SQL file of the same number."""

from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Run the SQL file beside this step."""
    sql = Path(__file__).parents[1] / "sql" / "0026_sections.sql"
    op.get_bind().connection.cursor().execute(sql.read_text(encoding="utf-8"))
