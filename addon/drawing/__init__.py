"""Splats on the graphics card. The only room that imports gpu."""
