"""Re-inspection by sample: how many to look at, which ones, and what follows, with a stated confidence.

    population ─ chances ─▶ size and acceptance number ─ drawing ─▶ a sample by strata ─ looked at ─▶ interval

`chances` reckons in whole numbers; `drawing` takes rows of a version by the digest of a seed and the row's
name, so that whoever has the version and the seed draws the same ones.
"""
