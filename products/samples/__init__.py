"""Sample input for the first walk through Shuize: one file that is real, one that is made up and says so.

- `inflow` writes hourly inflow of ten district metered areas of one city: real, from a package that ships it.
- `customers` writes a register of non-resident customers, synthetic, every row marked.

Both write one CSV file that goes through the same door as a user's own: `shuize dataset load`.
"""
