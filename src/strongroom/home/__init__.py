"""The first pages: Overview, one account with its rows, help. Composes domains, owns no data."""
