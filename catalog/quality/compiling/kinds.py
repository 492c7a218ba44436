"""Every kind of check that is decided row by row, and the function that writes it down."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalog.quality.bound import BoundRule
from catalog.quality.compiling import coverage, groups, polygons, records, series, values
from catalog.quality.compiling.sheet import Sheet, Test

COMPILERS: Mapping[str, Callable[[BoundRule, Sheet], Test]] = {
    "present": values.present,
    "absent": values.absent,
    "pattern": values.pattern,
    "not-pattern": values.not_pattern,
    "length": values.length,
    "coding-rule": values.coding_rule,
    "credit-code": values.credit_code,
    "resident-id": values.resident_id,
    "bank-card": values.bank_card,
    "masked": values.masked,
    "code-list": values.code_list,
    "code-level": values.code_level,
    "range": values.in_range,
    "not-past": values.not_past,
    "not-future": values.not_future,
    "not-before": values.not_before,
    "address-parts": values.address_parts,
    "polygon": polygons.well_formed,
    "any-present": records.any_present,
    "all-or-none": records.all_or_none,
    "equation": records.equation,
    "product-of": records.product_of,
    "ordered": records.ordered,
    "not-below": records.not_below,
    "agrees": records.agrees,
    "starts-with": records.starts_with,
    "fits": records.fits,
    "band-range": records.band_range,
    "within-days": records.within_days,
    "distance": records.distance,
    "inside": polygons.inside,
    "sql": records.sql,
    "unique": groups.unique,
    "one-value-per-key": groups.one_value_per_key,
    "shared-value": groups.shared_value,
    "near-duplicate": groups.near_duplicate,
    "continues": series.continues,
    "does-not-fall": series.does_not_fall,
    "repeated-value": series.repeated_value,
    "outlier": groups.outlier,
    "peer-outlier": groups.peer_outlier,
    "reference": coverage.reference,
    "referred-to": coverage.referred_to,
    "agrees-with": coverage.agrees_with,
}
