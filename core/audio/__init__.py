"""Hearing: recordings of many kinds in, one mono voice at one rate out."""

from .read import read_speech

__all__ = ["read_speech"]
