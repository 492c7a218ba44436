"""What every room stands on: the settings, the standards, the database, the store, the parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.settings import Settings
from api.wiring.once import once
from standards.errors import NotFound, ShuizeError, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.database import Database
    from catalog.parties import Parties
    from catalog.standards import Standards
    from catalog.store import FolderStore
    from standards.documents import Document
    from standards.library import Library


class Foundation:
    """One home's ground floor."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def close(self) -> None:
        """Close what was opened."""
        for name in ("database", "chain"):
            if name in self.__dict__:
                self.__dict__[name].close()

    @once
    def library(self) -> Library:
        """The bundled standards, and beside them what this home has imported, once there is a home."""
        from catalog.database import utc_now
        from standards.library import Library

        def imported() -> tuple[Document, ...]:
            try:
                return self.standards.documents()
            except NoHome:
                return ()

        return Library.load().beside(imported, today=lambda: utc_now().date())

    @once
    def standards(self) -> Standards:
        from catalog.standards import Standards
        from standards.library import Library

        return Standards(self.database, Library.load())

    @once
    def database(self) -> Database:
        """The catalog's database, which must be up to date. Raises NoHome, DatabaseNotReady."""
        from catalog.database import Database

        if self.settings.database_url is None:
            _require_catalog(self.settings.home)
        database = Database(self.settings.catalog_url)
        try:
            database.require_current()
        except ShuizeError:
            database.close()
            raise
        return database

    @once
    def store(self) -> FolderStore:
        from catalog.store import FolderStore

        return FolderStore(self.settings.store_path)

    @once
    def parties(self) -> Parties:
        from catalog.database import utc_now
        from catalog.parties import Parties

        return Parties(self.database, utc_now)


class NoHome(NotFound):
    """The home folder holds no catalog."""

    code = "no-home"


class HomeNotReadable(Unavailable):
    """The home folder can't be read."""

    code = "home-not-readable"


def _require_catalog(home: Path) -> None:
    """Raise NoHome unless there is a catalog: opening SQLite would make an empty one."""
    try:
        (home / "catalog.db").stat()
    except FileNotFoundError as error:
        raise NoHome(
            f"there is no catalog in {home.absolute()}",
            hint="make one with `shuize init`, or set SHUIZE_HOME to where one is",
        ) from error
    except OSError as error:
        raise HomeNotReadable(
            f"{home.absolute()} can't be read: {error.strerror}",
            hint="set SHUIZE_HOME to a folder that you may read",
        ) from error
