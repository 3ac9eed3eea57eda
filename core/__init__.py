"""Mouthpiece's computing half: recorded speech in, face performance out. Nothing here knows Blender."""
