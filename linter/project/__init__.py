"""The whole program: names, classes, calls, values, effects."""
