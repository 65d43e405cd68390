"""Look inside a trained language model: what its units do while it reads a text."""
