"""Rules become SQL that DuckDB runs as it stands and Spark through a translation.

Every rule, whatever it looks at, is judged row by row: a condition over the row's own columns, over columns
joined from a small table that the rule asks for (the failing groups, the rows referred to), and over its
neighbours by window functions. So a rule set is one scan, and what differs between kinds is one function
each: `values`, `records`, `groups`, `series`, `coverage`. `sheet` collects what they ask for.
"""
