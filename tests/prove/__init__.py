"""Seeded proofs: each makes up many cases from a seed and says how many of them held.

``python -m tests.prove NAME COUNT [--seed S]``; without a name it lists what there is.
"""
