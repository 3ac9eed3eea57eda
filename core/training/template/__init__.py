"""Build the CC0 head template (core/template) from the MakeHuman base: nothing here runs at a user's."""
