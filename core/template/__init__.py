"""The CC0 head that learned heads and portraits are built on: one mesh, its shapes, and who it can be."""
