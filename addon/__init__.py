"""Mouthpiece's Blender half: it translates between bpy and core, and computes nothing itself."""
