"""Text of any encoding as UTF-8, never with a loss that is not said."""

from __future__ import annotations

import codecs

from qforge_jupyter.errors import FormatError
from qforge_jupyter.formats._reading import Source, in_memory
from qforge_jupyter.results.run import Finding

#: Text that has to be decoded again is held in memory up to here.
MAX_DECODED_BYTES = 4 * 2**30
_CHUNK = 4 * 2**20
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def is_text(head: bytes) -> bool:
    """Say whether the first bytes of a file are text in any usual encoding.

    Examples
    --------
    >>> is_text(b"a,b"), is_text("a,b".encode("utf-16")), is_text(bytes(range(256)))
    (True, True, False)

    """
    if not head or wide_encoding(head):
        return bool(head)
    n_control = sum(
        head.count(bytes([code])) for code in range(32) if code not in (0, 9, 10, 12, 13, 27)
    )
    n_nul = head.count(b"\0")
    return n_control * 100 <= len(head) and n_nul * 10 <= len(head)


def wide_encoding(head: bytes) -> str | None:  # noqa: PLR0911 — one an encoding
    r"""Name the 16- or 32-bit encoding of the bytes, with or without a mark.

    Examples
    --------
    >>> wide_encoding("a,b\n1,2\n".encode("utf-16-le"))
    'utf-16-le'
    >>> wide_encoding(b"a,b") is None
    True

    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[: len(head) // 4 * 4]
    if len(sample) < 4:
        return None
    share = [sample[i::4].count(0) / (len(sample) // 4) for i in range(4)]
    if min(share[1:]) > 0.9 and share[0] < 0.1:
        return "utf-32-le"
    if min(share[:3]) > 0.9 and share[3] < 0.1:
        return "utf-32-be"
    if min(share[1], share[3]) > 0.6 and max(share[0], share[2]) < 0.1:
        return "utf-16-le"
    if min(share[0], share[2]) > 0.6 and max(share[1], share[3]) < 0.1:
        return "utf-16-be"
    return None


def as_utf8(source: Source, encoding: str | None = None) -> tuple[Source, tuple[Finding, ...]]:
    """Give the same text in UTF-8; a file that is UTF-8 already stays where it is.

    Parameters
    ----------
    source
        The text.
    encoding
        Its encoding when known; else UTF-8, or UTF-16 or UTF-32 where the
        bytes show it. Single-byte encodings cannot be told apart and are
        never guessed.

    Raises
    ------
    FormatError
        The bytes are not text of that encoding; the sentence names the place
        and an encoding that would fit.

    """
    found = encoding or wide_encoding(source.head())
    if found is None or codecs_name(found, source) in {"utf-8", "utf-8-sig"}:
        _require_utf8(source)
        return source, ()
    data = in_memory(source, MAX_DECODED_BYTES, f"text in {found}")
    try:
        text = data.decode(found)
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{source.label} is not {found}: byte {error.start:,} cannot be decoded, "
            "so pass the right encoding="
        ) from None
    note = f"Decoded from {found}"
    finding = Finding("encoding", "encoding", 0, "low", action="documented", note=note)
    return source.with_data(text.removeprefix("\ufeff").encode()), () if encoding else (finding,)


def codecs_name(encoding: str, source: Source) -> str:
    """Give Python's own name of an encoding."""
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise FormatError(
            f"There is no encoding {encoding!r} to read {source.label} with: "
            "try 'utf-8', 'cp1252', 'latin-1' or 'utf-16'"
        ) from None


def _require_utf8(source: Source) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    n_read = 0
    with source.open() as stream:
        while True:
            chunk = stream.read(_CHUNK)
            n_held = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = n_read - n_held + error.start
                raise FormatError(_not_utf8(source, at, error.object[error.start])) from None
            if not chunk:
                return
            n_read += len(chunk)


def _not_utf8(source: Source, offset: int, byte: int) -> str:
    with source.open() as stream:
        stream.seek(offset)
        sample = stream.read(4096)
    try:
        sample.decode("cp1252")
        likely = "cp1252"
    except UnicodeDecodeError:
        likely = "latin-1"
    return (
        f"{source.label} is not UTF-8: byte {offset:,} is 0x{byte:02X}, so say what it is, "
        f"as with encoding='{likely}'"
    )
