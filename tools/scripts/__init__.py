"""Scripts that tools starts inside an environment; they may import what that environment has."""
