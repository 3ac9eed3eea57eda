"""Gaussian splats: what they are, as files, as heads that move, and as pictures. docs/splats.md describes the room."""
