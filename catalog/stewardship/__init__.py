"""The stewardship loop: every problem a name, a person, a deadline, evidence and an end.

    findings of a run ─ taking ─▶ issues ─▶ work orders ─ assignment ─▶ a person
                              (one rule,    (one rule,                    │ dispatched · accepted · evidence
                               one object)   one unit, one person)        ▼
    closed ◀─ reviewed ◀─ re-checked by the engine ◀─ submitted ◀─ corrections: a new dataset version
                                 │
                            transitions ─▶ catalog/figures

`states` says which step may follow which, and who takes it. A work order keeps the rule as it was when it was
opened. `transitions` is append-only, each entry chained to the one before it in its order: what an auditor
recomputes, and all that the figures are made of.
"""
