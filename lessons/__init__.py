"""Numerical differentiation, from the limit to a trained network, in fourteen lessons.

Each is a script in cells: `python -m lessons.01_derivative` runs the first from the root of the
repository, `python -m lessons` lists them all. `lessons/README.md` is the index with pictures.
"""
