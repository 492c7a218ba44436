"""The stewardship loop: every problem a name, a person, a deadline, evidence and an end.

    failing rows of a run ─ taking ─▶ issues (one rule, one object) ─▶ work orders (one rule, one unit, one person)
                                                                          │ dispatched · accepted · rectified
    corrections ─▶ a new dataset version ─▶ re-check ─▶ review ─▶ closed  │ evidence
                                                                          ▼
                                                                     transitions ─▶ catalog/figures

`states` says which step may follow which, and who takes it. A work order keeps the rule as it was when it was
opened. `transitions` is append-only, each entry chained to the one before it in its order: what an auditor
recomputes, and all that the figures are made of.
"""
