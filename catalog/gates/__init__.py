"""The first line of defence: a gate that a file's rows pass, or don't, before they become a version.

    rows of the file ─ judging ─▶ what fails ─ none | warn | reject ─▶ the version as it is, or none
                                             └ quarantine ─ holding ─▶ a version of those that pass, and
                                                        one of those that fail, in a dataset beside it

`models` says what a dataset's document declares. The rules are those of a full run and judge the whole file,
so repeated keys and missing references count too: of a repeated key the later rows are held back, as the rule
itself says, and the first one passes. Both versions are recorded in one transaction or not at all.
"""
