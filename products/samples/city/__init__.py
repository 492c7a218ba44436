"""A SYNTHETIC city: a water utility of any size, made up, and a list of the defects in it.

    City(seed, customers) ─ Block ─▶ customers · metering · reading · billing ─▶ Draft ─ defects ─▶ writing
                          ─ tree · tariff ───────────────────────────────────▶

Every value is drawn from (seed, stream, row) by `chance`, so blocks are made in any order on any thread;
`columns` and `codes` make them in whole columns. `layout` says where everything is, `datasets` what the
files and their fields are called. `defects` has one function or line for each rule of the library,
`planting` says who gets which. Shares, volumes and prices are declared constants that nobody measured.
"""
