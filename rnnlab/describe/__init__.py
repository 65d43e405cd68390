"""What a cell is, told from its equations and from one run of it: counts, costs, and pictures."""
