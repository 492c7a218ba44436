"""The recipes: one folder each. CONTRIBUTING.md says how to add one."""
