"""How well what was written agrees with what should have been written; without torch."""
