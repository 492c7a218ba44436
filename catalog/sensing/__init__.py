"""What sensitive things do the text fields of a version hold, whatever its elements say of them?

    version's Parquet ─ detecting (checks, words) ─▶ sensed: field, kind, share ─ masking ─▶ examples
                                                       │
                          declared: what the element already says ─▶ findings ─ keeping ─▶ rows

`checks` are the codes with check digits and the forms of numbers, as SQL; `words` are names and addresses by
rules; `detecting` runs them in one scan a column and decides by thresholds; `masking` makes examples that
at least k values share; `declared` compares with the bound element, `keeping` writes it down with the
version. Detection is evidence, not proof: a share says how many rows have the form, not whose they are.
"""
