"""One camera, one portrait: curves read off films, heads made of one picture, voice and film on one face."""

from .run import main

__all__ = ["main"]
