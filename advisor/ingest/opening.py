"""A file in, its content as a stream of plain bytes out, whatever it is wrapped in.

gzip and zstd are unpacked as they are read (several members or frames in a row, too), UTF-16 text becomes UTF-8.
Damage in the wrapping ends the stream and is counted; it is never an exception. Memory stays bounded: nothing here
ever holds more than a buffer, so a decompression bomb is only slow.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from ...linter.errors import InputError, MissingExtraError
from .batch import Damage

HEAD_BYTES: Final = 256 * 1024
_CHUNK: Final = 256 * 1024
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
INSTALL: Final = "pip install 'slowlint[advisor]'"


class _Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Input:
    """One opened file: `stream` to read from, `head` the first bytes of it, already unpacked."""

    def __init__(self, path: Path, damage: Damage) -> None:
        self.name = path.name
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
        try:
            self._digest = hashlib.blake2b(digest_size=16)
            raw = _Guarded(_unpacked(self._file), self.name, damage, self._digest.update)
            self.stream: io.BufferedReader = io.BufferedReader(raw, HEAD_BYTES)
            self.head = _peek(self.stream)
            decoder = _text_decoder(self.head)
            if decoder is not None:
                self.stream = io.BufferedReader(_Transcoded(self.stream, decoder), HEAD_BYTES)
                self.head = _peek(self.stream)
        except BaseException:
            self._file.close()
            raise

    def digest(self) -> str:
        """Digest of the unpacked content read so far."""
        return self._digest.hexdigest()

    def __enter__(self) -> Input:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _peek(stream: io.BufferedReader) -> bytes:
    """As many bytes as the buffer takes, without using them up."""
    return stream.peek(HEAD_BYTES)


def _unpacked(file: BinaryIO) -> _Reads:
    try:
        magic = file.read(4)
        file.seek(0)
    except OSError as error:
        raise InputError(f"{file.name} cannot be read: {error.strerror or error}") from None
    if magic.startswith(_GZIP):
        return gzip.GzipFile(fileobj=file)
    if magic == _ZSTD:
        try:
            import zstandard
        except ImportError:
            raise MissingExtraError("zstd files need an optional package", INSTALL) from None
        return zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(file, read_across_frames=True)
    return file


class _Guarded(io.RawIOBase):
    """Turns errors of the decompressor into damage and the end of the stream."""

    def __init__(self, source: _Reads, name: str, damage: Damage, seen: Callable[[bytes], None]) -> None:
        self._source, self._name, self._damage = source, name, damage
        self._update = seen
        self._count = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        filled = 0
        while filled < len(view) and not self._ended:  # decompressors answer with less than was asked for
            data = self._part(min(len(view) - filled, _CHUNK))
            view[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def _part(self, size: int) -> bytes:
        try:
            data = self._source.read(size)
        except Exception as error:
            if not isinstance(error, EOFError | OSError | zlib.error) and type(error).__name__ != "ZstdError":
                raise
            data = b""
            self._damage.add(f"{self._name}, byte {self._count} (unpacked)", f"the file is damaged here: {error}")
        self._ended = not data
        self._count += len(data)
        self._update(data)
        return data


class _Transcoded(io.RawIOBase):
    """UTF-16 text as UTF-8; what is not valid becomes a replacement character."""

    def __init__(self, source: _Reads, decoder: codecs.IncrementalDecoder) -> None:
        self._source, self._decoder = source, decoder
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._left:
            data = self._source.read(_CHUNK)
            self._left = self._decoder.decode(data, final=not data).encode("utf-8", "replace")
            if not data:
                break
        part, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(part)] = part
        return len(part)


def _text_decoder(head: bytes) -> codecs.IncrementalDecoder | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.getincrementaldecoder("utf-16")("replace")
    if head.startswith(codecs.BOM_UTF8):
        return codecs.getincrementaldecoder("utf-8-sig")("replace")
    return None
