"""One file's source in, its facts out: plain nested tuples, no syntax nodes, cacheable.

Nothing outside this folder knows the syntax tree, of Python or of templates.
"""

from .lower import lower_module
from .template_dialect import looks_like_jinja
from .templates import TemplateDamage, lower_jinja, lower_template

__all__ = ["TemplateDamage", "looks_like_jinja", "lower_jinja", "lower_module", "lower_template"]
