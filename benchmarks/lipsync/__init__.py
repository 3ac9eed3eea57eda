"""Lips against filmed mouths that training never saw, with rivals in the same run."""

from .run import main

__all__ = ["main"]
