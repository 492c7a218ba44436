"""Corrections: what work orders mended becomes a new dataset version; the one before it stays as it was.

    a sheet of keys and changed fields ─ sheets ─▶ typed values ─ locating ─▶ the rows they are for
                                                                    ─ patching ─▶ the whole version again
    a whole corrected file ─ the loader's reading ─ comparing ─▶ which cells differ
    register: the version, the list of its changed cells, the acts of the orders and the lineage, in one
    transaction

Nobody overwrites anything: what a cell was stands in the version before, and by its digest in the list.
"""

from catalog.corrections.models import Corrected, Correction, CorrectionDraft
from catalog.corrections.register import Corrections

__all__ = ["Corrected", "Correction", "CorrectionDraft", "Corrections"]
