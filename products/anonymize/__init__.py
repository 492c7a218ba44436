"""Anonymization: what a table goes through before it leaves as a product.

A `PrivacyPolicy` is a document: for each field an action, for the table a release model and with it k, the
fewest rows that may share their quasi-identifiers. `anonymize` walks a table through the room:

    policy.treatments   the policy against the identifier kinds of the fields: every misfit is an error
    combinations        the distinct combinations of quasi-identifiers with counts; rows wait outside
    hierarchies         `declared` in the policy, built over the data: the label of every value at every level
    lattice             the choice of levels that loses least with no class below k
    pseudonyms          direct identifiers under a key, or dropped
    report              the figures, what they prove and what they do not

and `recheck` derives the class sizes again from the output alone, sharing no code with the above; packaging
calls it. Nothing here knows the rest of the platform: tables are Arrow, code lists come through a function.

A new kind of hierarchy is a model in `declared` and a case in `hierarchies`. A new privacy model changes what
the lattice permits, and gets its own plain check in `recheck`. Beware then that the search passes over nodes
below a failed one, which is right only for models that hold on when classes merge.
"""

from products.anonymize.declared import (
    CodeListLevels,
    DeclaredHierarchy,
    IntervalLevel,
    Intervals,
    LabelTable,
    Prefixes,
    Star,
)
from products.anonymize.engine import Anonymized, anonymize
from products.anonymize.errors import (
    LatticeTooLarge,
    MalformedPolicy,
    PolicyDoesNotFit,
    PrivacyRefused,
    TwoParents,
    UncheckableTable,
    UnfitField,
    UnusableKey,
    ValueNotCovered,
)
from products.anonymize.hierarchies import CodeLists
from products.anonymize.policy import Action, FieldPolicy, PrivacyPolicy
from products.anonymize.pseudonyms import derive_key
from products.anonymize.recheck import recheck
from products.anonymize.report import PrivacyReport, QuasiIdentifierReport

__all__ = [
    "Action",
    "Anonymized",
    "CodeListLevels",
    "CodeLists",
    "DeclaredHierarchy",
    "FieldPolicy",
    "IntervalLevel",
    "Intervals",
    "LabelTable",
    "LatticeTooLarge",
    "MalformedPolicy",
    "PolicyDoesNotFit",
    "Prefixes",
    "PrivacyPolicy",
    "PrivacyRefused",
    "PrivacyReport",
    "QuasiIdentifierReport",
    "Star",
    "TwoParents",
    "UncheckableTable",
    "UnfitField",
    "UnusableKey",
    "ValueNotCovered",
    "anonymize",
    "derive_key",
    "recheck",
]
