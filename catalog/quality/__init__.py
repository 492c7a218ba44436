"""Rules over one version: a report, and a finding for every rule that fails.

`rules` are the documents, `rule_faults` says which of them don't fit their fields, `rule_sql` turns one
into SQL, `checking` runs them and keeps report and findings.
"""
