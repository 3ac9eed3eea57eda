"""Drawn people who act, and what the face tracker makes of them: what core.video.reading is learned from."""
