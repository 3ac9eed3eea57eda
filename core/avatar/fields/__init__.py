"""Deformation fields: what speech, eyes and pose do to each place of a head, as networks with exchangeable parts."""
