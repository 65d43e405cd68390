"""What every cell must do, as checks that give a figure: one function a check, run on any cell by its name.

``rnnlab cells check`` prints them, and the tests run the same ones; a cell of a plug-in gets them too.
"""
