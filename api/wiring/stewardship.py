"""Issues, work orders, and what people do with them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from api.wiring.once import once
from api.wiring.products import ProductRooms

if TYPE_CHECKING:
    from catalog.stewardship.bulk import BulkOrders
    from catalog.stewardship.deadlines import Deadlines
    from catalog.stewardship.escalating import Escalation
    from catalog.stewardship.listing import OrderLists
    from catalog.stewardship.orders import WorkOrders
    from catalog.stewardship.rechecking import Rechecks, ToRecheck
    from catalog.stewardship.taking import Taking
    from catalog.stewardship.waivers import Waivers


class StewardshipRooms(ProductRooms):
    """From findings to closed work orders."""

    @once
    def deadlines(self) -> Deadlines:
        """The deadlines that are set. Raises BadDeadlines."""
        from catalog.stewardship.deadlines import Deadlines, parse

        return Deadlines(parse(self.settings.deadline_days), self.settings.escalate_every_days)

    @once
    def taking(self) -> Taking:
        from catalog.database import utc_now
        from catalog.stewardship.runs import found_by
        from catalog.stewardship.taking import Taking

        return Taking(self.database, found_by(self.quality), utc_now)

    @once
    def work_orders(self) -> WorkOrders:
        from catalog.database import utc_now
        from catalog.stewardship.orders import WorkOrders

        return WorkOrders(self.database, utc_now, self.deadlines)

    @once
    def rechecks(self) -> Rechecks:
        from catalog.database import utc_now
        from catalog.inspections.models import RULE
        from catalog.stewardship.rechecking import Rechecks
        from catalog.stewardship.runs import failing_by

        by_rule, of_inspection = failing_by(self.quality), self.inspections.unsettled

        def failing(asked: ToRecheck) -> Collection[str]:
            return (of_inspection if asked.rule.startswith(RULE) else by_rule)(asked)

        return Rechecks(self.database, failing, utc_now)

    @once
    def waivers(self) -> Waivers:
        from catalog.database import utc_now
        from catalog.stewardship.waivers import Waivers

        return Waivers(self.database, utc_now)

    @once
    def order_lists(self) -> OrderLists:
        from catalog.database import utc_now
        from catalog.stewardship.listing import OrderLists

        return OrderLists(self.database, utc_now)

    @once
    def bulk_orders(self) -> BulkOrders:
        from catalog.database import utc_now
        from catalog.stewardship.bulk import BulkOrders

        return BulkOrders(self.database, utc_now, self.deadlines)

    @once
    def escalation(self) -> Escalation:
        from catalog.database import utc_now
        from catalog.stewardship.escalating import Escalation

        return Escalation(self.database, utc_now, self.deadlines)
