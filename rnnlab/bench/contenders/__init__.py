"""The same trials as people run them today without rnnlab, each a script of its own: what `bench sweep` stands beside.

Every script takes ``--case`` and ``--steps``, runs all trials of ``grid.py`` on two slots of one thread
each, and leaves a line for each trial by ``record.py``.
"""
