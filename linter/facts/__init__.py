"""One file's source in, its facts out: plain nested tuples, no syntax nodes, cacheable.

Nothing outside this folder knows the syntax tree.
"""

from .lower import lower_module

__all__ = ["lower_module"]
