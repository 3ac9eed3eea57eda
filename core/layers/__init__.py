"""What an animator does with a performance once it is there: parts of the face, fewer keys, a part run again."""
