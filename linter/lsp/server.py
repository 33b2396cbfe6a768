"""The language server over stdin and stdout.

In: an editor's documents, saved or not. Out: diagnostics of the open files, made with the whole project in view, and
hovers. Linting runs on a thread of its own (`worker`), so that the editor is answered meanwhile.
"""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from .. import check, config, source
from ..errors import SlowlintError
from ..files import discover, is_source
from ..model import Finding, LintResult
from ..report import RulePage
from ..select import Families
from . import advice
from .diagnostics import diagnostic, hover
from .worker import Worker

PAUSE = 0.3
"""Seconds without typing before a change is linted."""
WATCHED = ("**/*.py", "**/templates/**", "**/jinja2/**", "**/*.sql", "**/pyproject.toml", "**/.gitignore")


@dataclass(frozen=True, slots=True)
class Buffer:
    """An open document at one version."""

    uri: str
    root: Path
    path: str
    version: int | None
    text: str


@dataclass(slots=True)
class State:
    """What the loop and the worker share; guarded by `lock`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    buffers: dict[str, Buffer] = field(default_factory=dict)
    findings: dict[Path, tuple[Finding, ...]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def of(self, root: Path) -> dict[str, Buffer]:
        with self.lock:
            return {uri: buffer for uri, buffer in self.buffers.items() if buffer.root == root}


class SlowlintServer(LanguageServer):
    """pygls with the linter behind it. `engine` makes the linter that the settings ask for."""

    def __init__(
        self,
        version: str,
        families: Families,
        engine: Callable[[config.Settings], check.Lint],
        pages: Mapping[str, RulePage],
    ) -> None:
        super().__init__("slowlint", version)
        self.families = families
        self.engine = engine
        self.pages = pages
        self.state = State()
        self.worker = Worker(self.lint)
        self.loop: asyncio.AbstractEventLoop | None = None

    # On the event loop.

    def changed(self, uri: str, pause: float = 0.0) -> None:
        """A document was opened, edited or saved."""
        self.loop = asyncio.get_running_loop()
        document = self.workspace.get_text_document(uri)
        name = to_fs_path(uri)
        if name is None or not is_source(name):
            return
        file = Path(name)
        try:
            root = config.find_root([file if file.exists() else file.parent])
        except SlowlintError:
            return  # a file in a folder that does not exist yet
        path = file.relative_to(root).as_posix()
        with self.state.lock:
            self.state.buffers[uri] = Buffer(uri, root, path, document.version, document.source)
        self.worker.request(root, pause)

    def closed(self, uri: str) -> None:
        """The file on disk counts again, and the editor forgets what was said of it."""
        with self.state.lock:
            buffer = self.state.buffers.pop(uri, None)
        if buffer is not None:
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
            self.worker.request(buffer.root, PAUSE)

    def disk_changed(self) -> None:
        """Something that no buffer shows has changed: lint every project with an open document again."""
        with self.state.lock:
            roots = {buffer.root for buffer in self.state.buffers.values()}
        for root in roots:
            self.worker.request(root, PAUSE)

    def publish(self, buffer: Buffer, found: Sequence[types.Diagnostic]) -> None:
        """Send diagnostics unless the document has moved on meanwhile; then a newer run follows anyway."""
        with self.state.lock:
            if self.state.buffers.get(buffer.uri) != buffer:
                return
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(buffer.uri, found, buffer.version))

    def hover_at(self, uri: str, line: int) -> str:
        """Markdown for a line (from 0); "" when nothing is known of it."""
        with self.state.lock:
            buffer = self.state.buffers.get(uri)
            findings = self.state.findings.get(buffer.root, ()) if buffer else ()
        if buffer is None:
            return ""
        here = [
            finding
            for finding in findings
            if finding.place.path == buffer.path
            and finding.place.line <= line + 1 <= max(finding.place.end_line, finding.place.line)
        ]
        known = advice.read(buffer.root).at(buffer.path, line + 1, [finding.fingerprint for finding in here])
        return hover(here, known, self.pages)

    def tell(self, message: str, kind: types.MessageType) -> None:
        """Show a message, each once."""
        if message not in self.state.told:
            self.state.told.add(message)
            self.window_show_message(types.ShowMessageParams(kind, message))

    # On the worker's thread.

    def lint(self, root: Path) -> None:
        """One run over one project; whatever happens is told to the editor, nothing is raised."""
        buffers = self.state.of(root)
        if not buffers:
            return
        try:
            result = self._result(root, buffers)
        except SlowlintError as error:
            self._later(self.tell, f"slowlint: {error} {error.tip}".strip(), types.MessageType.Warning)
            return
        except Exception:  # a bug of ours must not end the editor's session
            self._later(self.tell, f"slowlint failed:\n{traceback.format_exc()}", types.MessageType.Error)
            return
        if self.worker.pending(root):
            return  # the next run is about to say it better
        with self.state.lock:
            self.state.findings[root] = result.findings
        lines = _Lines(root, buffers.values())
        codec = self.workspace.position_codec
        for buffer in buffers.values():
            found = [
                diagnostic(finding, root, lines, codec, self.pages)
                for finding in result.findings
                if finding.place.path == buffer.path
            ]
            self._later(self.publish, buffer, found)

    def _result(self, root: Path, buffers: Mapping[str, Buffer]) -> LintResult:
        settings = config.load(root)
        # A library's file opened to look at it is no part of the project; a file not yet saved is.
        ours = frozenset(discover(root, settings))
        overlay = {
            buffer.path: buffer.text
            for buffer in buffers.values()
            if buffer.path in ours or not (root / buffer.path).exists()
        }
        return check.check(root, settings, self.families, self.engine(settings), overlay=overlay)

    def _later(self, call: Callable[..., None], *arguments: object) -> None:
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(call, *arguments)


class _Lines:
    """Lines of a file of the project: of its buffer, else of the disk; each read once."""

    def __init__(self, root: Path, buffers: Iterable[Buffer]) -> None:
        self._root = root
        self._known: dict[str, Sequence[str]] = {buffer.path: source.lines(buffer.text) for buffer in buffers}

    def __call__(self, path: str) -> Sequence[str]:
        if path not in self._known:
            try:
                self._known[path] = source.lines(source.decode((self._root / path).read_bytes()))
            except (OSError, SyntaxError):
                self._known[path] = ()
        return self._known[path]


def build(
    version: str,
    families: Families,
    engine: Callable[[config.Settings], check.Lint],
    pages: Mapping[str, RulePage],
) -> SlowlintServer:
    """The server with its handlers, not yet listening."""
    server = SlowlintServer(version, families, engine, pages)

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        watching = server.client_capabilities.workspace
        files = watching.did_change_watched_files if watching else None
        if files and files.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            server.client_register_capability(types.RegistrationParams([registration]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def edited(params: types.DidChangeTextDocumentParams) -> None:
        server.changed(params.text_document.uri, PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(_: types.DidChangeWatchedFilesParams) -> None:
        server.disk_changed()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        text = server.hover_at(params.text_document.uri, params.position.line)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None

    return server


def serve(
    version: str,
    families: Families,
    engine: Callable[[config.Settings], check.Lint],
    pages: Mapping[str, RulePage],
) -> None:
    """Serve until the client says exit or goes away."""
    build(version, families, engine, pages).start_io()
