"""Alembic's entry: runs the migrations on the connection that ``core.schema`` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="schema_version",
    version_table_schema="strongroom",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
