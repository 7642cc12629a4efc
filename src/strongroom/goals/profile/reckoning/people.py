"""Whose profile is reckoned, in which currency, and on which day it is where they live."""

from __future__ import annotations

PEOPLE = """
        zone AS MATERIALIZED (
            SELECT d.time_zone, (%(now)s AT TIME ZONE z.zone)::date AS today
            FROM (SELECT DISTINCT time_zone FROM settings
                  WHERE %(owner)s::uuid IS NULL OR user_id = %(owner)s) d
            CROSS JOIN LATERAL zone_or_utc(d.time_zone) AS z (zone)
        ), mostly AS (
            SELECT DISTINCT ON (user_id) user_id, currency
            FROM accounts
            WHERE closed_at IS NULL AND (%(owner)s::uuid IS NULL OR user_id = %(owner)s)
            GROUP BY user_id, currency
            ORDER BY user_id, count(*) DESC, currency
        ), people AS MATERIALIZED (
            SELECT s.user_id, z.today, date_trunc('month', z.today)::date AS this_month,
                   coalesce(s.currency, m.currency, %(otherwise)s::text) AS base
            FROM settings s
            JOIN zone z ON z.time_zone = s.time_zone
            LEFT JOIN mostly m ON m.user_id = s.user_id
            WHERE %(owner)s::uuid IS NULL OR s.user_id = %(owner)s
        ),
"""
