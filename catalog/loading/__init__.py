"""A source file becomes an immutable dataset version, or nothing at all.

    file ─ sources, csv_files, encodings ─▶ readers ─▶ text columns ─ typing_columns ─▶ typed rows ─▶ loader

`readers` opens CSV, Parquet and Excel alike as columns of text; `typing_columns` gives every value the
type of its field's data element, or names the rows that have none; `profiling` counts what came out.
"""
