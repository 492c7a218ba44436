"""Standards in a folder: YAML files, and CSV tables for what is long.

    code_lists/ID@VERSION.yaml and .csv     the head, and beside it the codes
    crosswalks/ID@VERSION.yaml and .csv     the head, and beside it the mappings
    data_elements/ANY.yaml                  a list `elements`; what stands above it holds for each
    coding_rules, indicators, rules, lifecycle_rules, handbooks/ANY.yaml       the same, lists of their kind
    data_elements, rules, lifecycle_rules/ANY.csv                              the same as a table

The file name of a head may leave out `@VERSION` where there is one version.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from standards import plain_yaml, tables
from standards.documents import Document, Kind
from standards.tables import MalformedStandard, Table

HEADED: Final = (Kind.CODE_LIST, Kind.CROSSWALK)
"""The kinds that have a head and a table; the others stand in lists."""

SUFFIXES: Final = (".yaml", ".csv")
"""How the names of files end that hold standards."""


def list_key(kind: Kind) -> str:
    """Return the key under which a file of this kind lists its documents: the last word of the folder."""
    return kind.folder.split("_")[-1]


def head_files(folder: Path, kind: Kind) -> dict[str, tuple[Path, ...]]:
    """Return the heads of a kind that has tables, by id, as their names say."""
    found: dict[str, list[Path]] = {}
    for path in sorted((folder / kind.folder).glob("*.yaml")):
        found.setdefault(path.stem.partition("@")[0], []).append(path)
    return {id_: tuple(paths) for id_, paths in found.items()}


def read_headed(path: Path, kind: Kind) -> Document:
    """Return the code list or crosswalk whose head is in `path`. Raises MalformedStandard."""
    head = _read_mapping(path)
    id_, _, version = path.stem.partition("@")
    word = kind.value.replace("-", " ")
    if head.get("id") != id_:
        raise MalformedStandard(
            f"{path.name} holds the {word} {head.get('id')!r}", hint="name the file after the id it holds"
        )
    if version and head.get("version") != version:
        raise MalformedStandard(
            f"{path.name} holds version {head.get('version')!r}",
            hint=f"name it {id_}@{head.get('version')}.yaml, with the version in quotes inside",
        )
    field, part = tables.PARTS[kind]
    table = _read_table(path.with_suffix(".csv"), f"{path.name} stands without its table")
    parts = tables.records(table, part)
    fields = head | {field: [record for _, record in parts]}
    place = table.place if set(head) <= set(tables.MODELS[kind].model_fields) else path.name
    return tables.build(kind, fields, place, [line for line, _ in parts])


def read_listed(folder: Path, kind: Kind) -> Iterator[tuple[str, Document]]:
    """Yield the documents of a kind that stands in lists, with the file of each. Raises MalformedStandard."""
    for path in sorted((folder / kind.folder).glob("*.*")):
        if path.suffix == ".yaml":
            yield from ((path.name, document) for document in read_list(path, kind))
        elif path.suffix == ".csv":
            table = _read_table(path, f"{path.name} is gone")
            if kind in tables.PARTS:
                raise MalformedStandard(
                    f"{path.name} is a table, and {kind.folder} have parts", hint="write them as YAML"
                )
            for line, record in tables.records(table, tables.MODELS[kind]):
                yield path.name, tables.build(kind, record, f"{path.name} line {line}")


def read(folder: Path) -> tuple[Document, ...]:
    """Return every standard in the folder.

    Raises MalformedStandard, also for files that no kind would read: a slip in a name must not lose any.
    """
    _refuse_strangers(folder)
    found: list[tuple[str, Document]] = []
    for kind in Kind:
        if kind in HEADED:
            for paths in head_files(folder, kind).values():
                found += [(path.name, read_headed(path, kind)) for path in paths]
        else:
            found += read_listed(folder, kind)
    return tables.distinct(found)


def write(documents: Iterable[Document], folder: Path) -> tuple[Path, ...]:
    """Write standards into a new or empty folder, and return the files. OSError passes to the caller."""
    written: list[Path] = []
    listed: dict[Path, list[dict[str, Any]]] = {}
    for document in documents:
        kind = document.kind
        path = folder / kind.folder / f"{document.citation}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind in HEADED:
            field, part = tables.PARTS[kind]
            head = {name: value for name, value in document.document().items() if name != field}
            _write_yaml(path, head)
            stream = io.StringIO()
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(tables.columns(part))
            table.writerows(tables.rows(getattr(document, field), part))
            path.with_suffix(".csv").write_text(stream.getvalue(), "utf-8", newline="")
            written += [path, path.with_suffix(".csv")]
        else:
            about = document.id.rpartition(".")[0] or kind.folder
            listed.setdefault(path.with_name(f"{about}.yaml"), []).append(document.document())
    for path, entries in listed.items():
        _write_yaml(path, {list_key(Kind(_kind_of(path))): entries})
    return (*written, *listed)


def _kind_of(path: Path) -> Kind:
    return next(kind for kind in Kind if kind.folder == path.parent.name)


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(plain_yaml.write(content), "utf-8", newline="")


def _refuse_strangers(folder: Path) -> None:
    folders = [kind.folder for kind in Kind]
    strangers = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if any(part.startswith((".", "README")) for part in inside):
            continue
        if path.is_dir():
            fits = len(inside) == 1 and inside[0] in folders
        else:
            fits = len(inside) == 2 and inside[0] in folders and path.suffix in (".yaml", ".csv")
        if fits and path.suffix == ".csv" and _is_headed(inside[0]):
            fits = path.with_suffix(".yaml").exists()
        if not fits:
            strangers.append(path.relative_to(folder).as_posix())
    if strangers or not any((folder / name).is_dir() for name in folders):
        what = f"{strangers[0]}, which is no standard" if strangers else "no standards"
        raise MalformedStandard(
            f"{folder.name} holds {what}",
            hint="folders are " + ", ".join(folders) + "; files end in .yaml or .csv; a table needs its head",
        )


def _is_headed(name: str) -> bool:
    return any(kind.folder == name for kind in HEADED)


def read_list(path: Path, kind: Kind) -> list[Document]:
    """Return the documents of one file that lists them. Raises MalformedStandard."""
    head = _read_mapping(path)
    key = list_key(kind)
    entries = head.pop(key, None)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise MalformedStandard(
            f"{path.name} has no list `{key}`", hint=f"see the bundled {kind.folder} files"
        )
    found = []
    for place, entry in enumerate(entries):
        try:
            found.append(tables.MODELS[kind].model_validate(head | entry))
        except ValidationError as error:
            named = entry.get("id") or f"{key} {place + 1}"
            raise tables.malformed(f"{path.name}, {named},", error) from error
    return found


def _read_table(path: Path, missing: str) -> Table:
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise MalformedStandard(f"{missing} {path.name}", hint="put the table beside the head") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise MalformedStandard(
            f"{path.name} is not UTF-8 text at line {line}{_looks_like(path)}",
            hint="save it as UTF-8; in Excel: CSV UTF-8 (comma delimited)",
        ) from error
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    try:
        header = tuple(next(reader, ()))
        rows = tuple(_numbered(reader))
    except csv.Error as error:
        raise MalformedStandard(
            f"{path.name} is not CSV at line {reader.line_num}: {error}", hint="quote cells that hold quotes"
        ) from error
    return Table(path.name, header, rows)


def _numbered(reader: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    line = reader.line_num + 1  # a quoted cell may run over several lines: name the first
    for cells in reader:
        if cells:
            yield line, tuple(cells)
        line = reader.line_num + 1


def _looks_like(path: Path) -> str:
    try:
        path.read_bytes().decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "; it reads as GBK (GB 18030)"


def _read_mapping(path: Path) -> dict[str, Any]:
    if path.stat().st_size > plain_yaml.MAX_BYTES:
        raise MalformedStandard(
            f"{path.name} is larger than {plain_yaml.MAX_BYTES:,} bytes", hint="split it into smaller files"
        )
    try:
        content = plain_yaml.read(path.read_text("utf-8-sig"), where=path.name)
    except UnicodeDecodeError as error:
        raise MalformedStandard(
            f"{path.name} is not YAML in UTF-8{_looks_like(path)}", hint="save it as UTF-8"
        ) from error
    except plain_yaml.NotPlainYaml as error:
        raise MalformedStandard(error.message, hint=error.hint, faults=error.faults) from error
    if not isinstance(content, dict):
        raise MalformedStandard(
            f"{path.name} is not a mapping", hint="start it with `id:` or `object_class:`"
        )
    return content
