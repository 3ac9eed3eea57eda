"""Mouthpiece: recorded speech becomes an editable face performance. Blender reads this file as the extension."""

from __future__ import annotations


def register() -> None:
    """Called by Blender when the extension is switched on."""
    from .addon import registry

    registry.register()


def unregister() -> None:
    """Called by Blender when the extension is switched off."""
    from .addon import registry

    registry.unregister()
