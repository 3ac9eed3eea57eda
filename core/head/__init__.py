"""Head geometry in plain arrays."""
