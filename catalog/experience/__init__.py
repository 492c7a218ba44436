"""The experience library 经验库: typical problem, its cause, how it was fixed, for each rule.

An entry is about one rule, in Chinese and English, and has versions, of which the newest counts. It is found
by search, and by the rule of an issue, a work order or a finding. A closed order proposes one to begin with.
"""

from catalog.experience.models import Experience, ExperienceDraft
from catalog.experience.register import ExperienceLibrary

__all__ = ["Experience", "ExperienceDraft", "ExperienceLibrary"]
