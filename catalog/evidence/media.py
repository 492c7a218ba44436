"""What a file is, by its content, and whether its name and its sender say the same."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import filetype

from standards.errors import InvalidInput
from standards.texts import is_line

_HEAD = 8192
_AT_A_TIME = 1 << 20
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
MAX_NAME_BYTES = 200


class MediaKind(StrEnum):
    """What sort of evidence a file is."""

    PHOTO = "photo"
    PDF = "pdf"
    AUDIO = "audio"
    NOTE = "note"


@dataclass(frozen=True)
class Medium:
    """A media type that evidence may have, and how names of such files end."""

    media_type: str
    kind: MediaKind
    endings: tuple[str, ...]


_MEDIA = (
    Medium("image/jpeg", MediaKind.PHOTO, (".jpg", ".jpeg")),
    Medium("image/png", MediaKind.PHOTO, (".png",)),
    Medium("image/heic", MediaKind.PHOTO, (".heic", ".heif")),
    Medium("application/pdf", MediaKind.PDF, (".pdf",)),
    Medium("audio/mpeg", MediaKind.AUDIO, (".mp3",)),
    Medium("audio/mp4", MediaKind.AUDIO, (".m4a",)),
    Medium("audio/wav", MediaKind.AUDIO, (".wav",)),
    Medium("audio/ogg", MediaKind.AUDIO, (".ogg", ".oga", ".opus")),
    Medium("audio/amr", MediaKind.AUDIO, (".amr",)),
    Medium("audio/aac", MediaKind.AUDIO, (".aac",)),
    Medium("audio/flac", MediaKind.AUDIO, (".flac",)),
    Medium("text/plain", MediaKind.NOTE, (".txt", ".md")),
)
_BY_TYPE = MappingProxyType({medium.media_type: medium for medium in _MEDIA})
_BY_ENDING = MappingProxyType({ending: medium for medium in _MEDIA for ending in medium.endings})
_OTHERWISE = MappingProxyType(
    {
        "image/jpg": "image/jpeg", "image/heif": "image/heic", "audio/mp3": "audio/mpeg",
        "audio/m4a": "audio/mp4", "audio/x-m4a": "audio/mp4", "audio/x-wav": "audio/wav",
        "audio/wave": "audio/wav", "audio/x-flac": "audio/flac", "audio/opus": "audio/ogg",
        "application/ogg": "audio/ogg", "text/markdown": "text/plain",
    }
)  # fmt: skip
"""Other names of the same media types."""
_SAYS_NOTHING = ("", "application/octet-stream", "application/x-www-form-urlencoded")
"""Media types that clients send when nobody named one."""


class UnknownMedium(InvalidInput):
    """A file of a kind that evidence can't be: no photo, PDF, recording or note."""

    code = "unknown-medium"


class NotWhatItSays(InvalidInput):
    """A file whose content is something else than its name or its sender says."""

    code = "not-what-it-says"


class MalformedFileName(InvalidInput):
    """A text that can't be the name of a file of evidence."""

    code = "malformed-file-name"


def require_file_name(name: str) -> str:
    """Return the name of a file without folders. Raises MalformedFileName."""
    if not name or name in (".", "..") or re.search(r'[/\\:*?"<>|]', name) or not is_line(name):
        raise MalformedFileName(
            f"{name!r} can't be the name of a file",
            hint='give a name without folders and without / \\ : * ? " < > |, such as meter-0042.jpg',
        )
    if len(name.encode()) > MAX_NAME_BYTES:
        raise MalformedFileName(
            f"the file's name is longer than {MAX_NAME_BYTES} bytes", hint="give it a shorter one"
        )
    return name


def of_file(path: Path, name: str, claimed: str | None = None) -> Medium:
    """Return what the file is. Raises UnknownMedium, NotWhatItSays, MalformedFileName; OSError passes.

    Its content decides; the end of its name, and the media type that was claimed if any was, must say the
    same.
    """
    named = _BY_ENDING.get(Path(require_file_name(name)).suffix.lower())
    if named is None:
        raise UnknownMedium(f"the name of {name} says of no known kind what it is", hint=_hint())
    found = _sniffed(path)
    medium = _BY_TYPE.get(found or "")
    if medium is None:
        raise NotWhatItSays(
            f"{name} is {'of no known kind' if found is None else found} by its content, and its name says "
            f"{named.media_type}",
            hint=_hint(),
        )
    if medium is not named:
        raise NotWhatItSays(
            f"{name} is {medium.media_type} by its content, and its name says {named.media_type}",
            hint=f"name it as what it is, ending with {medium.endings[0]}, or give the file that was meant",
        )
    _require_same(name, medium, claimed)
    return medium


def _require_same(name: str, medium: Medium, claimed: str | None) -> None:
    said = (claimed or "").partition(";")[0].strip().lower()
    if said not in _SAYS_NOTHING and _OTHERWISE.get(said, said) != medium.media_type:
        raise NotWhatItSays(
            f"{name} is {medium.media_type} by its content, and was sent as {said}",
            hint=f"send it as {medium.media_type}, or give the file that was meant",
        )


def _sniffed(path: Path) -> str | None:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.startswith(b"%PDF-") and _is_text(path):  # signatures of two letters also begin words
        return "text/plain"
    found = filetype.guess_mime(head)
    return None if found is None else _OTHERWISE.get(found, found)


def _is_text(path: Path) -> bool:
    """Tell whether the file is UTF-8 text that steers no terminal and says something."""
    decoder, is_blank = codecs.getincrementaldecoder("utf-8-sig")(), True
    with path.open("rb") as stream:
        try:
            while part := stream.read(_AT_A_TIME):
                text = decoder.decode(part)
                if _CONTROL.search(text):
                    return False
                is_blank = is_blank and not text.strip()
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return not is_blank


def _hint() -> str:
    return f"give a photo, a PDF, a recording or a note in UTF-8: {', '.join(_BY_ENDING)}"
