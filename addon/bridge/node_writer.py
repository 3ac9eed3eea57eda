"""Node trees written as expressions: what goes in is a socket to link or a value to set, what comes out is a socket."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import bpy

Value = bpy.types.NodeSocket | bpy.types.ID | float | int | bool | str | tuple
WIDTH, HEIGHT = 190, 190
"""Room for a node, so that a user who opens a tree can read it."""


@dataclass(slots=True)
class Writer:
    """Adds nodes to a tree, each to the right of what it hangs on."""

    tree: bpy.types.NodeTree
    _depths: dict[str, int] = field(default_factory=dict)
    _rows: Counter = field(default_factory=Counter)

    def node(self, kind: str, *inputs: Value | None, **settings: str | bool) -> bpy.types.Node:
        """A node of a kind (its bl_idname) with settings; inputs in the order of its sockets, None to leave one."""
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        # Sockets of other types than the one set stay in the list, but are off.
        sockets = [socket for socket in node.inputs if socket.enabled]
        depth = 0
        for socket, value in zip(sockets, inputs, strict=False):
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
                depth = max(depth, self._depths[value.node.name] + 1)
            elif value is not None:
                socket.default_value = value
        self._depths[node.name] = depth
        node.location = depth * WIDTH, -self._rows[depth] * HEIGHT
        self._rows[depth] += 1
        return node

    def out(self, kind: str, *inputs: Value | None, **settings: str | bool) -> bpy.types.NodeSocket:
        """The first socket that comes out of such a node."""
        node = self.node(kind, *inputs, **settings)
        return next(socket for socket in node.outputs if socket.enabled)

    def math(self, operation: str, *values: Value) -> bpy.types.NodeSocket:
        """A number made of numbers."""
        return self.out("ShaderNodeMath", *values, operation=operation)

    def vector(self, operation: str, *values: Value) -> bpy.types.NodeSocket:
        """A vector, or the number that an operation on vectors gives."""
        return self.out("ShaderNodeVectorMath", *values, operation=operation)

    def scaled(self, vector: Value, factor: Value) -> bpy.types.NodeSocket:
        """A vector times a number."""
        node = self.node("ShaderNodeVectorMath", vector, operation="SCALE")
        if isinstance(factor, bpy.types.NodeSocket):
            self.tree.links.new(factor, node.inputs["Scale"])
        else:
            node.inputs["Scale"].default_value = factor
        return node.outputs[0]

    def attribute(self, name: str, kind: str) -> bpy.types.NodeSocket:
        """A named attribute of the geometry at hand."""
        return self.out("GeometryNodeInputNamedAttribute", name, data_type=kind)

    def stored(self, geometry: Value, name: str, kind: str, value: Value) -> bpy.types.NodeSocket:
        """Geometry with a point attribute more."""
        return self.out("GeometryNodeStoreNamedAttribute", geometry, None, name, value, data_type=kind, domain="POINT")
