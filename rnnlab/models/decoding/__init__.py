"""Writing a sequence, symbol after symbol, about what an encoder gave; it does not matter which."""
