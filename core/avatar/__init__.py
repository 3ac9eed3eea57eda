"""Heads of splats learned from video. Engine code: torch and its like, never needed inside Blender."""
