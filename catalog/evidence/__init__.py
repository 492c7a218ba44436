"""Evidence: files that show what was found and how it was mended, kept so that an auditor can recompute it.

    a file ─ media ─▶ what it is by its content ─ photos ─▶ where and when its camera says
           ─ comparing ─▶ how far from the claim
           ─ register ─▶ its bytes under their SHA-256, a record, an act in the order's transitions
    verifying: bytes, records and acts say the same

An evidence is never changed or removed. What the claim and the photo disagree on is kept and marked.
"""

from catalog.evidence.models import Claim, Evidence, EvidenceVerification, Limits, MalformedClaim
from catalog.evidence.register import EvidenceRegister

__all__ = ["Claim", "Evidence", "EvidenceRegister", "EvidenceVerification", "Limits", "MalformedClaim"]
