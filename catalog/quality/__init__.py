"""Rules over one version: a report, and a finding for every rule that fails.

What a dataset declares or its elements imply: `rules` are the documents, `rule_faults` says which of them
don't fit their fields, `rule_sql` turns one into SQL, `checking` runs them and keeps report and findings.

The engine for the library's rules, which `checking` does not use yet:

    standards' rules ─ binding ─▶ bound rules ─ compiling ─▶ tests ─ scans ─▶ SQL ─ running ─▶ judgements

`binding` finds the fields that a rule's elements are bound to, in the dataset and in those its rows refer to;
`compiling` has one function for each kind of check; `scans` puts all rules of a set into one statement, whose
rows are pairs of masks; `periods` asks for what is not there; `dialect` says it all to Spark.
"""
