"""How Mouthpiece is set up, tested, shown and packed; standard library only, so that a fresh machine can start here."""
