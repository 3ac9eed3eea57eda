"""The demo characters, built by code; the .blend files are made on demand and never kept in the repository."""
