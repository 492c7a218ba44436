"""What commands on datasets and on products share: their documents change by request."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli import frame

if TYPE_CHECKING:
    from catalog.changes import GovernedKind


@dataclass(frozen=True)
class Request:
    """A request as the command line gives it: of what kind, by whom, why. Each method makes and shows one."""

    kind: str
    by: str | None
    reason: str
    json: bool

    def register(self, document: Path) -> None:
        """Ask that what the document describes be registered."""
        from api.cli.change import asked
        from api.documents import read_document

        said = read_document(document)
        with frame.platform() as platform:
            by = frame.actor(platform, self.by)
            made = platform.changes.register(self._kind, said, by=by, where=str(document), reason=self.reason)
        asked(made, self.json)

    def change(self, document: Path, *, base: int | None = None) -> None:
        """Ask that the document take the place of the one in force, or of revision `base`."""
        from api.cli.change import asked
        from api.documents import read_document

        said = read_document(document)
        with frame.platform() as platform:
            by = frame.actor(platform, self.by)
            made = platform.changes.change(
                self._kind, said, by=by, where=str(document), reason=self.reason, base=base
            )
        asked(made, self.json)

    def retire(self, name: str) -> None:
        """Ask that it no longer be used."""
        from api.cli.change import asked

        with frame.platform() as platform:
            by = frame.actor(platform, self.by)
            made = platform.changes.retire(self._kind, name, by=by, reason=self.reason)
        asked(made, self.json)

    def reinstate(self, name: str) -> None:
        """Ask that it be used again."""
        from api.cli.change import asked

        with frame.platform() as platform:
            by = frame.actor(platform, self.by)
            made = platform.changes.reinstate(self._kind, name, by=by, reason=self.reason)
        asked(made, self.json)

    @property
    def _kind(self) -> GovernedKind:
        from catalog.changes import GovernedKind

        return GovernedKind(self.kind)
