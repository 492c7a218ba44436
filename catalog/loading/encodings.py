"""Text files in whatever encoding they came: told with certainty, or asked for."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from standards.errors import InvalidInput

BLOCK = 1 << 20

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


class UnknownEncoding(InvalidInput):
    """The text file is in no encoding that could be told with certainty."""

    code = "unknown-encoding"


def marked(head: bytes) -> str | None:
    """Return the encoding that a file's byte order mark names, or None."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def in_utf8(path: Path, encoding: str | None, scratch: Path) -> Path:
    """Return a file with the same text in UTF-8 without a byte order mark: `path` itself if it is that.

    Raises UnknownEncoding, also where the named encoding does not fit.
    """
    with path.open("rb") as stream:
        mark = marked(stream.read(4))
    chosen = _text_encoding(encoding) if encoding else _detect(path, mark)
    if chosen == "utf-8" and mark is None and (encoding is None or _decodes(path, "utf-8")):
        return path
    return _transcoded(path, "utf-8-sig" if chosen == "utf-8" else chosen, scratch / "source.utf8")


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the stream's bytes, a megabyte at a time."""
    while block := stream.read(BLOCK):
        yield block


def _text_encoding(name: str) -> str:
    try:
        " ".encode(name)  # codecs that are no text encodings (hex, rot13) refuse here
        return codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError) as error:
        raise UnknownEncoding(
            f"there is no text encoding {name!r}", hint="for example: --encoding gb18030"
        ) from error


def _transcoded(path: Path, encoding: str, target: Path) -> Path:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done = 0
    try:
        with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as out:
            for block in blocks(source):
                held = len(decoder.getstate()[0])  # bytes of a character that the last block cut in two
                out.write(decoder.decode(block))
                done += len(block)
            held, block = len(decoder.getstate()[0]), b""
            out.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        offset = done - held + error.start
        raise UnknownEncoding(
            f"{path} is not {encoding.removesuffix('-sig')}: byte 0x{error.object[error.start]:02x} "
            f"at offset {offset}",
            hint="name the right encoding, for example --encoding gb18030 or --encoding utf-16",
        ) from error
    except UnicodeError as error:  # escapes that decode to half a character, a missing byte order mark
        raise UnknownEncoding(
            f"{path} is not {encoding}: {error}",
            hint="name the right encoding, for example --encoding gb18030 or --encoding utf-8",
        ) from error
    return target


def _detect(path: Path, mark: str | None) -> str:
    if mark is not None:
        return mark
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _decodes(path, "gb18030") and _reads_as_chinese(path):
        return "gb18030"
    raise UnknownEncoding(
        f"{path} is not UTF-8, and its encoding can't be told with certainty",
        hint="name it, for example --encoding gb18030, --encoding big5 or --encoding windows-1252",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as stream:
            for block in blocks(stream):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_COMMON = re.compile(r"[一-鿿\u3000-〿\uff00-\uffef㐀-䶿\U00020000-\U000323AF]")


def _reads_as_chinese(path: Path) -> bool:
    """Tell whether the text beyond ASCII is common Chinese: GB 18030 alone decodes almost anything."""
    with path.open("rb") as stream:
        text = stream.read(BLOCK).decode("gb18030", errors="ignore")
    beyond = [character for character in text if ord(character) > 0x7F]
    common = sum(map(_is_common, beyond))
    return bool(beyond) and common >= 0.95 * len(beyond) and _everyday_share(beyond) >= 0.5


def _is_common(character: str) -> bool:
    """Tell an ideograph, or a sign of the first three rows of GB 2312: punctuation, numbering, full width."""
    encoded = character.encode("gb18030")
    is_sign = len(encoded) == 2 and 0xA1 <= encoded[0] <= 0xA3 and encoded[1] >= 0xA1
    return is_sign or _COMMON.match(character) is not None


def _everyday_share(characters: list[str]) -> float:
    """Return the share of characters in GB 2312's first level, the 3,755 in everyday use.

    Four bytes that decode to a rare ideograph count too: no other encoding makes them by chance.
    """
    everyday = 0
    for character in characters:
        encoded = character.encode("gb18030")
        if len(encoded) == 4:
            everyday += _COMMON.match(character) is not None
        else:
            everyday += 0xA1 <= encoded[0] <= 0xD7 and encoded[1] >= 0xA1
    return everyday / len(characters)
