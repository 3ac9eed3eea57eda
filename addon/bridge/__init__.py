"""The only rooms that read or write Blender data: characters, keys, sounds."""
