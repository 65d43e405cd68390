"""A text on the colours of what a unit was at each of its characters: page, terminal, print."""
