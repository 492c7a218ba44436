"""Custom inspection 自定义稽查: a list somebody drew up becomes findings, and what came of each is counted.

a SELECT over one version ─ listing ─┐
a sheet of keys           ─ listing ─┴▶ findings of rule inspection:NAME ─ register ─▶ issues, orders
what was found on the spot ─ register ─▶ confirmed or refuted, and what was recovered
"""

from catalog.inspections.models import Figures, Inspection, InspectionDraft, Result
from catalog.inspections.register import Inspections

__all__ = ["Figures", "Inspection", "InspectionDraft", "Inspections", "Result"]
