"""Every SQL row of the platform, one module a room. Nothing outside `catalog/` sees these classes."""

from catalog.tables.base import Instant, Row
from catalog.tables.chain import DeploymentRow, IntentRow
from catalog.tables.datasets import DatasetRow, DatasetVersionRow, FindingRow, QualityRunRow
from catalog.tables.evidence import CorrectionRow, EvidenceRow
from catalog.tables.figures import LogSegmentRow
from catalog.tables.glossary import ConceptRevisionRow, ConceptRow
from catalog.tables.governance import (
    AssetEntryRow,
    AssetRow,
    ChangeRow,
    PostingRow,
    ProductRow,
    RevisionRow,
    RoleRow,
    TrailRow,
    UnitRow,
    UnitStateRow,
)
from catalog.tables.inspections import ExperienceRow, InspectionResultRow, InspectionRow
from catalog.tables.lineage import (
    LineageEdgeRow,
    LineageEventRow,
    LineageNamespaceRow,
    LineageNodeRow,
    LineageObservationRow,
    LineageRunRow,
    LineageStateRow,
    LineageVersionRow,
)
from catalog.tables.parties import PartyRow
from catalog.tables.releases import GrantRow, ReceiptRow, ReleaseRow
from catalog.tables.search import SearchEntryRow, SearchSourceRow
from catalog.tables.sensing import SensitivityFindingRow, VersionDriftRow, VersionSensingRow
from catalog.tables.series import SeriesMemberRow, SeriesRow
from catalog.tables.standards import StandardRow
from catalog.tables.stewardship import (
    IssueRow,
    RemarkRow,
    TakingRow,
    TransitionRow,
    WaiverRow,
    WorkOrderRow,
)

__all__ = [
    "AssetEntryRow",
    "AssetRow",
    "ChangeRow",
    "ConceptRevisionRow",
    "ConceptRow",
    "CorrectionRow",
    "DatasetRow",
    "DatasetVersionRow",
    "DeploymentRow",
    "EvidenceRow",
    "ExperienceRow",
    "FindingRow",
    "GrantRow",
    "InspectionResultRow",
    "InspectionRow",
    "Instant",
    "IntentRow",
    "IssueRow",
    "LineageEdgeRow",
    "LineageEventRow",
    "LineageNamespaceRow",
    "LineageNodeRow",
    "LineageObservationRow",
    "LineageRunRow",
    "LineageStateRow",
    "LineageVersionRow",
    "LogSegmentRow",
    "PartyRow",
    "PostingRow",
    "ProductRow",
    "QualityRunRow",
    "ReceiptRow",
    "ReleaseRow",
    "RemarkRow",
    "RevisionRow",
    "RoleRow",
    "Row",
    "SearchEntryRow",
    "SearchSourceRow",
    "SensitivityFindingRow",
    "SeriesMemberRow",
    "SeriesRow",
    "StandardRow",
    "TakingRow",
    "TrailRow",
    "TransitionRow",
    "UnitRow",
    "UnitStateRow",
    "VersionDriftRow",
    "VersionSensingRow",
    "WaiverRow",
    "WorkOrderRow",
]
