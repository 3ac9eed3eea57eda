"""Filmed faces to curves: reading films, following the face, solving for ARKit's shapes. Engine environment."""
