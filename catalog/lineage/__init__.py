"""Lineage: OpenLineage events, kept whole, and the graph in time that is drawn from them.

    event ─ events ─▶ facts ─ drawing ─▶ nodes · facets · runs · versions
                                │
                                └─ intervals ─▶ edges, each from one event time until before another

Raw events are append-only; everything else can be drawn from them again (`shuize lineage redraw`), and
comes out the same in whatever order they arrived.
"""

from catalog.lineage.events import EventKind, EventType
from catalog.lineage.facts import EVERY_ROW, Named, NodeKind
from catalog.lineage.finding import NodeNotFound
from catalog.lineage.graph import Graph, GraphNode
from catalog.lineage.recording import Kept, Lineage, node_id
from catalog.lineage.strict_json import EventTooLarge, MalformedEvent
from catalog.lineage.walking import Direction

__all__ = [
    "EVERY_ROW",
    "Direction",
    "EventKind",
    "EventTooLarge",
    "EventType",
    "Graph",
    "GraphNode",
    "Kept",
    "Lineage",
    "MalformedEvent",
    "Named",
    "NodeKind",
    "NodeNotFound",
    "node_id",
]
