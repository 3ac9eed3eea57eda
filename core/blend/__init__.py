"""One performance out of two: the voice's and the face's, by parts of the face and over time."""
