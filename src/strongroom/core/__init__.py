"""The ground every domain stands on: money, time, ids, errors, database, vault, queue, http, log.

Holds no business meaning and imports no domain.
"""
