"""slowlint: the code of a Python back end that will be slow, priced by what production measured."""

__version__ = "0.1.0"
