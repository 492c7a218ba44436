"""Which data element does a column of a file mean? Suggested by name and content, confirmed by a person.

    file ─ readers ─▶ text columns ─┬─ lexicon, names: what the header says ───┐
                                    └─ contents: what the values look like ────┴─▶ suggesting ─▶ document

`labels.yaml` has everyday words for data elements and how people vary them; `lexicon` joins it with the
names of elements and the glossary; `names` compares headers with it; `contents` asks whether values fit an
element's type, pattern, codes and range, and what they were sensed as. `document` writes a dataset's document
in which every suggestion carries a mark: it can't be registered before a person has taken the marks away.
"""
