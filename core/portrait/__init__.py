"""One portrait to a head of splats that speech and film can drive (engine environment)."""
