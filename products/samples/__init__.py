"""Sample input for the first walk through Shuize: one file that is real, others that are made up and say so.

- `inflow` writes hourly inflow of ten district metered areas of one city: real, from a package that ships it.
- `customers` writes a register of non-resident customers, synthetic, every row marked.
- `city` writes a whole utility, synthetic, with planted defects and the list of them.

What they write goes through the same door as a user's own: `shuize dataset load`.
"""
