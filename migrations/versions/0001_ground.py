"""ground: see the SQL file of the same number."""

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the queue's own schema, then run the SQL file beside this step."""
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())
    sql = Path(__file__).parents[1] / "sql" / "0001_ground.sql"
    op.get_bind().connection.cursor().execute(sql.read_text(encoding="utf-8"))
