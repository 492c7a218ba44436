"""Exchange: what the catalog holds, told to other catalogs in the forms that standards give.

`dcat*` tell of datasets, series and products as DCAT 3:

    rows ─ dcat_reading ─▶ facts ─ dcat_datasets, dcat_products ─▶ graph ─ dcat_text ─▶ Turtle, JSON-LD
                                          │
                     dcat_terms: words and vocabularies    dcat_iris: what things are called

`Dcat` in `dcat` has the use cases: a page of the catalog, one thing, the whole. What it tells is what a
stranger may see at `/datasets` and `/products`, and no more.

`odcs*` read and write data contracts of datasets (ODCS 3.2):

    contract ─ odcs_reading (odcs_columns, odcs_rules) ─▶ document, with the contract in it ─▶ change request
    contract ◀─ odcs_writing (odcs_rules) ◀─ document          odcs_places: where a contract says what

`DataContracts` in `odcs` has the use cases: ask for what a contract describes, the contract of a dataset.
"""
