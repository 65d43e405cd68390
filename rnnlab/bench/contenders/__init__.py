"""The same trials as people run them today without rnnlab, each a script of its own: what `bench sweep` stands beside.

Every script takes ``--steps`` and runs the whole grid of ``grid.py`` on two slots of one thread each.
"""
