"""What must the data be? The vocabulary every other package speaks, and nothing that depends on them.

Its modules:

- `documents`: what every standard is: id, version, validity, status, digest. A published one never changes.
- `code_lists`: a code list is the values a coded field may take, in their hierarchy (GB/T 4754, …).
- `crosswalks`: which code of one list answers to which of another, and how well.
- `data_elements`: a data element is what one field means (ISO/IEC 11179), with type, unit and protection;
  `protection` tells when a new version protects less, and what all versions say together.
- `coding_rules`, `check_characters`: how a code is put together, to generate and to check.
- `indicators`, `rules`, `lifecycle_rules`: what is reported, what must hold, how long data is kept.
- `checks`, `conditions`: how a rule can be decided, and which rows it speaks of.
- `handbooks`: the standards of a utility, to be read: chapters over all of these.
- `security`: how harmful a leak would be (GB/T 43697), and how small a group a release may show (GB/T 42460).
- `library`, `shelves`: standards by id and version, those in `bundled/` and those a utility imported;
  `references` tells what one says of another that is not there, `differences` what changed between two.
- `exchange`, `folders`, `workbooks`, `tables`: standards as YAML and CSV, or as an Excel workbook;
  `unpacking` tells before it is read how large a zipped file becomes.
- `odcs`, `plain_yaml`: what is a data contract by the open standard; YAML that all readers understand alike.
- `skos`, `skos_rdf`: concepts of a glossary, in YAML, and in Turtle and JSON-LD.
- `identifiers`, `size_bands`: codes and bounds that are computed rather than listed.
- `canonical_json`, `digests`, `merkle`: the bytes of a document, their digest, and one root for many.
- `names`, `content_root`, `manifest`, `data_contracts`: what a release is called, holds, states and promises;
  `anchor_hint`: where to ask for its anchor.
- `errors`: the kinds of expected failure.

How data walks through: a field of a dataset names a data element; the element names its code list; checks
read both; a manifest cites each as (id, version, digest), so that a reader years later knows which text was
meant. A published version is never edited: a change is a new version.

Importing this package imports nothing else. The library reads a file when its standard is first asked for.
"""
