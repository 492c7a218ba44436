"""Documents from files: YAML or JSON, read safely."""

from __future__ import annotations

from pathlib import Path

from standards import plain_yaml
from standards.errors import InvalidInput, Unavailable


class UnreadableDocument(InvalidInput):
    """A file that was to hold a YAML or JSON document holds none."""

    code = "unreadable-document"


class DocumentNotWritten(Unavailable):
    """A file could not be written."""

    code = "document-not-written"


def read_text(path: Path, *, most_bytes: int | None = None) -> str:
    """Return the file's text. Raises UnreadableDocument."""
    try:
        if most_bytes is not None and path.stat().st_size > most_bytes:
            raise UnreadableDocument(
                f"{path} is larger than {most_bytes:,} bytes", hint="split it into smaller files"
            )
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UnreadableDocument(f"{path} can't be read: {error.strerror}", hint="check the path") from error
    except UnicodeDecodeError as error:
        raise UnreadableDocument(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error


def read_document(path: Path) -> object:
    """Return the document in the file as JSON values. Raises UnreadableDocument, NotPlainYaml."""
    return plain_yaml.read(read_text(path, most_bytes=plain_yaml.MAX_BYTES), where=str(path))


def read_documents(path: Path) -> list[tuple[str, object]]:
    """Return the documents of a file, of a file of JSON lines (.jsonl), or of the files of a folder.

    Each comes with where it stands. Raises UnreadableDocument, NotPlainYaml.
    """
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix.lower() in _SUFFIXES)
        if not files:
            raise UnreadableDocument(
                f"{path} holds no document", hint="put files into it that end in .yaml, .yml, .json or .jsonl"
            )
        return [found for each in files for found in read_documents(each)]
    if path.suffix.lower() != ".jsonl":
        return [(str(path), read_document(path))]
    lines = enumerate(read_text(path).splitlines(), 1)
    return [(f"{path} line {n}", _line(line, f"{path} line {n}")) for n, line in lines if line.strip()]


_SUFFIXES = (".yaml", ".yml", ".json", ".jsonl")


def _line(line: str, where: str) -> object:
    if not line.lstrip().startswith("{"):
        raise UnreadableDocument(f"{where} is no JSON object", hint="write one document a line")
    return plain_yaml.read(line, where=where)


def write_text(path: Path, text: str) -> None:
    """Write a file, in place of one that is there. Raises DocumentNotWritten."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise DocumentNotWritten(
            f"{path} can't be written: {error.strerror}", hint="give another file"
        ) from error
