"""Documents from files: YAML or JSON, read safely."""

from __future__ import annotations

from pathlib import Path

import yaml

from standards.errors import InvalidInput


class UnreadableDocument(InvalidInput):
    """A file that was to hold a YAML or JSON document holds none."""

    code = "unreadable-document"


def read_document(path: Path) -> object:
    """Return the document in the file (JSON is YAML). Raises UnreadableDocument."""
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableDocument(f"{path} can't be read: {error.strerror}", hint="check the path") from error
    except UnicodeDecodeError as error:
        raise UnreadableDocument(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise UnreadableDocument(
            f"{path} is not YAML: {_place(error)}", hint="mend the place named"
        ) from error
    except RecursionError as error:
        raise UnreadableDocument(f"{path} is nested too deeply", hint="mend the brackets") from error


def _place(error: yaml.YAMLError) -> str:
    """Return where the error is and what, on one line."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return str(error).splitlines()[0]
    mark = error.problem_mark
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem or error.context}"
