"""Which file a template's name means where no folder of templates holds it under that very name.

In: a name as a loader gets it, and the file that asks. Out: a path of the project, "" when it cannot be told. Folders
are not configured here: loaders put names, prefixes and folders together in code, but the file ends as its name does.
Source: docs.pylonsproject.org, "Asset specifications"; flask.palletsprojects.com, "Blueprint templates";
jinja.palletsprojects.com, "Loaders" (PrefixLoader, FileSystemLoader).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files import holds_templates
from ..project.memo import Question

if TYPE_CHECKING:
    from ..project.project import Project


def find(project: Project, name: str, near: str) -> str:
    """The file of `package:templates/x.html`, of `x.html` beside the file that asks, or the only one that ends so."""
    known: dict[str, tuple[str, ...]] = project.memo.ask(BY_LAST)
    found = known.get(name.rpartition("/")[2].rpartition(":")[2], ())
    if not found:
        return ""
    package, colon, inner = name.rpartition(":")
    if colon:
        home = _folder(project.modules.find(package, near)) if package.replace(".", "").isidentifier() else None
        if home is not None:
            return below(home, inner) if below(home, inner) in found else ""
        return ""
    beside = below(near.rpartition("/")[0], name)
    if beside in found:
        return beside
    ends = [path for path in found if f"/{_without_folder(path)}".endswith(f"/{name}")]
    return ends[0] if len(ends) == 1 else ""


def below(folder: str, name: str) -> str:
    """A path below a folder of the project; "" is the root."""
    return f"{folder}/{name}" if folder else name


def _folder(module: str | None) -> str | None:
    """The folder of a package, given by its `__init__.py` or as a folder; of a module the one it stands in."""
    return None if module is None else module.rpartition("/")[0]


def _without_folder(path: str) -> str:
    """A path without the folder that holds templates: what a loader with a prefix per package calls the file."""
    folders = path.split("/")
    last = max((i for i, folder in enumerate(folders[:-1]) if holds_templates(folder)), default=len(folders))
    return "/".join([*folders[:last], *folders[last + 1 :]])


def _by_last(project: Project) -> dict[str, tuple[str, ...]]:
    project.memo.read_input(("tree",))
    out: dict[str, list[str]] = {}
    for path in project.templates:
        out.setdefault(path.rpartition("/")[2], []).append(path)
    return {name: tuple(found) for name, found in out.items()}


BY_LAST: Question[dict[str, tuple[str, ...]]] = Question("templates_by_last_name", _by_last, dict)
