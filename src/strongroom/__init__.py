"""Strongroom: a self-hosted money platform that can prove its numbers."""

__version__ = "0.1.0"
