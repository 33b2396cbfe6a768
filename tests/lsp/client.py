"""A real client over stdio: pygls' own, keeping what the server publishes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

TIMEOUT = 30.0


class Editor(LanguageClient):
    """Opens, edits and saves files as an editor does."""

    def __init__(self, root: Path) -> None:
        super().__init__("test-editor", "1")
        self.root = root
        self.published: list[types.PublishDiagnosticsParams] = []
        self.messages: list[str] = []
        self.arrived = asyncio.Event()
        self.versions: dict[str, int] = {}

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def on_diagnostics(params: types.PublishDiagnosticsParams) -> None:
            self.published.append(params)
            self.arrived.set()

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def on_message(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self.arrived.set()

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def open(self, path: str, text: str | None = None) -> None:
        self.versions[path] = 1
        text = (self.root / path).read_text() if text is None else text
        item = types.TextDocumentItem(self.uri(path), types.LanguageKind.Python, 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def edit(self, path: str, text: str) -> int:
        self.versions[path] += 1
        identity = types.VersionedTextDocumentIdentifier(self.versions[path], self.uri(path))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(types.DidChangeTextDocumentParams(identity, [whole]))
        return self.versions[path]

    def save(self, path: str) -> None:
        self.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(self.uri(path))))

    def close(self, path: str) -> None:
        self.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(self.uri(path))))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(TIMEOUT):
            while not condition():
                self.arrived.clear()
                await self.arrived.wait()

    async def diagnostics(self, path: str, version: int | None = None) -> list[types.Diagnostic]:
        """What is published for a file, at this version of it."""
        wanted = self.versions.get(path) if version is None else version

        def latest() -> list[types.PublishDiagnosticsParams]:
            return [one for one in self.published if one.uri == self.uri(path) and one.version == wanted]

        await self.until(lambda: bool(latest()))
        return list(latest()[-1].diagnostics)

    async def hover(self, path: str, line: int) -> str:
        """Markdown shown at a line (from 1); "" for none."""
        where = types.HoverParams(types.TextDocumentIdentifier(self.uri(path)), types.Position(line - 1, 0))
        answer = await asyncio.wait_for(self.text_document_hover_async(where), TIMEOUT)
        if answer is None:
            return ""
        assert isinstance(answer.contents, types.MarkupContent)
        return answer.contents.value


@asynccontextmanager
async def editor(root: Path, *command: str) -> AsyncIterator[Editor]:
    """An editor connected to a server process, shut down as the protocol asks."""
    client = Editor(root)
    await client.start_io(sys.executable, *command, cwd=str(root))
    parameters = types.InitializeParams(types.ClientCapabilities(), root_uri=root.as_uri())
    await asyncio.wait_for(client.initialize_async(parameters), TIMEOUT)
    client.initialized(types.InitializedParams())
    try:
        yield client
    finally:
        await asyncio.wait_for(client.shutdown_async(None), TIMEOUT)
        client.exit(None)
        await asyncio.wait_for(client.stop(), TIMEOUT)
