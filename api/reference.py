"""Reference: the tables in docs/ that follow from the code, written by `python -m api.reference`.

Everything between `<!-- generated: NAME -->` and `<!-- end -->` is replaced; the rest is written by people.
A test fails when a page says something else than the code.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from standards.checks.kinds import Parameter, Role
from standards.errors import ShuizeError

DOCS = Path(__file__).parent.parent / "docs"
PACKAGES = ("standards", "catalog", "contracts", "products", "api")
_WIDTH = 88
_SECTION = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Return every page of docs/ as the code says it should be."""
    return {path: _renewed(path.read_text("utf-8")) for path in sorted(DOCS.glob("*.md"))}


def error_classes() -> list[type[ShuizeError]]:
    """Return every error of the five packages that has a code of its own, by code."""
    for name in PACKAGES:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith("__main__") and ".migrations" not in found.name:
                importlib.import_module(found.name)
    ours = {each for each in _below(ShuizeError) if each.__module__.split(".")[0] in PACKAGES}
    return sorted((each for each in ours if "code" in vars(each)), key=lambda e: (e.code, e.__module__))


def commands() -> list[tuple[str, Any]]:
    """Return every command that does something, with what typer made of it."""
    from typer.main import get_command

    from api.cli.app import app

    return list(_leaves("shuize", get_command(app)))


def help_text(name: str, command: Any) -> str:
    """Return what `--help` says, at one width for all."""
    context = command.context_class(command, info_name=name, terminal_width=_WIDTH)
    text: str = command.get_help(context)
    return text


def _renewed(page: str) -> str:
    return _SECTION.sub(lambda found: found[1] + _SECTIONS[found[2]]() + found[3], page)


def _errors() -> str:
    from api.problems import answer, title

    rows: dict[str, tuple[str, ...]] = {}
    for each in error_classes():
        status, code = answer(each)
        rows.setdefault(each.code, (f"`{each.code}`", kind(each), str(status), str(code), title(each)))
    return _table(("code", "kind", "HTTP", "exit", "what happened"), rows.values())


def kind(error: type[ShuizeError]) -> str:
    """Return the name of the kind of failure an error is."""
    return next(each.__name__ for each in error.__mro__ if each.__module__ == "standards.errors")


def _exit_codes() -> str:
    from api.problems import EXIT_CODES

    return _table(("exit code", "meaning"), ((str(code), said) for code, said in EXIT_CODES.items()))


def _settings() -> str:
    from api.settings import PREFIX, Settings

    rows = (
        (f"`{PREFIX}{name.upper()}`", field.description or "", _default(field.default))
        for name, field in Settings.model_fields.items()
    )
    return _table(("variable", "meaning", "default"), rows)


def _default(value: object) -> str:
    return "" if value is None else f"`{value}`"


def _commands() -> str:
    parts = (f"## {name}\n\n```text\n{help_text(name, command)}\n```\n" for name, command in commands())
    return "\n" + "\n".join(parts) + "\n"


def _routes() -> str:
    from api.app import create_app
    from api.settings import Settings
    from api.wiring import Platform

    paths: dict[str, dict[str, Any]] = create_app(Platform(Settings())).openapi()["paths"]
    rows = []
    for path, methods in paths.items():
        for method, route in methods.items():
            said = route["description"].split("\n")[0]
            problems = sorted(status for status in route["responses"] if not status.startswith("2"))
            needs = "token" if "401" in problems else ""
            if "403" in problems:
                needs = "token and grant" if path.startswith("/products") else "token of the utility's own"
            if {} in route.get("security", ()):
                needs = "nothing; says more to a token of the utility's own"
            rows.append((f"`{method.upper()} {path}`", said, needs, ", ".join(problems)))
    return _table(("route", "what it does", "needs", "problems"), rows)


def _checks() -> str:
    from standards.checks import KINDS

    rows = (
        (f"`{each.name}`", each.title_zh, ", ".join(map(_role, each.roles)),
         ", ".join(map(_parameter, each.parameters)), each.meaning)
        for each in KINDS.values()
    )  # fmt: skip
    return _table(("check", "名称", "looks at", "parameters", "what passes"), rows)


def _role(role: Role) -> str:
    marks = ("↗" if role.elsewhere else "") + ("…" if role.several else "") + ("?" if role.optional else "")
    return f"{role.name} {marks}".strip()


def _parameter(parameter: Parameter) -> str:
    if parameter.default is not None:
        return f"`{parameter.name}` = {parameter.default}"
    return f"`{parameter.name}`{' ?' if parameter.optional else ''}"


def _figures() -> str:
    from catalog.figures import DEFINITIONS

    rows = (
        (f"`{each.id}`", f"{each.title_zh} {each.title}", each.unit.value, _said(each.over, each.over_zh),
         _said(each.counts, each.counts_zh))
        for each in DEFINITIONS
    )  # fmt: skip
    return _table(("figure", "name", "unit", "over", "counts"), rows)


def _said(en: str | None, zh: str | None) -> str:
    return f"{zh}<br>{en}" if en else ""


_SECTIONS = {
    "checks": _checks,
    "errors": _errors,
    "exit-codes": _exit_codes,
    "settings": _settings,
    "commands": _commands,
    "routes": _routes,
    "figures": _figures,
}


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, below in children.items():
        yield from _leaves(f"{name} {child}", below)


def _below(error: type[ShuizeError]) -> Iterator[type[ShuizeError]]:
    yield error
    for each in error.__subclasses__():
        yield from _below(each)


def main() -> None:
    """Write the pages, and say which changed."""
    for path, page in pages().items():
        if page != path.read_text("utf-8"):
            path.write_text(page, "utf-8")
            print(path, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
