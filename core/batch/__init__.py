"""Many recordings at once: found, performed by several processes, resumed after a kill, and reported on."""
