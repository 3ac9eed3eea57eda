"""Names of controls, and how a character's own names are read as them."""
