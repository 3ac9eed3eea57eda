"""Gaussians to pictures, and gradients of pictures back to Gaussians: one interface, three machines behind it."""
