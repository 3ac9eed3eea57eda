"""Heads learned from video against frames they never saw, one row for each way of learning."""

from .run import main

__all__ = ["main"]
