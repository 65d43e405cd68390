"""Which units tell something of a text: chosen, scored, and held against two nulls."""
