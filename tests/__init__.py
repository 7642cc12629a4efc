"""Tests: one folder a domain, journeys, faults and seeded proofs."""
