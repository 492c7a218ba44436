"""Checks of a dataset as a whole, and of what the catalog knows of it."""

from __future__ import annotations

from typing import Final

from standards.checks.kinds import CheckFamily, CheckKind, Parameter, ParameterForm, Role

_DATASET = CheckFamily.DATASET
_ANY: Final = (Role("any", optional=True, several=True),)

KINDS: Final = (
    CheckKind(
        "described",
        _DATASET,
        "元数据完整",
        "described",
        "Title, description, owner, steward, source and every field's data element are there.",
        _ANY,
    ),
    CheckKind(
        "schema",
        _DATASET,
        "结构一致",
        "schema",
        "The version has every registered field, with the type of its data element.",
        _ANY,
    ),
    CheckKind(
        "fresh",
        _DATASET,
        "按期更新",
        "fresh",
        "The newest version is no older than the update frequency and so many days of grace.",
        _ANY,
        (Parameter("days", ParameterForm.WHOLE, default=0),),
    ),
    CheckKind(
        "retrievable",
        _DATASET,
        "可获取",
        "retrievable",
        "The version's bytes are in the object store and have their digest.",
        _ANY,
    ),
    CheckKind(
        "classified",
        _DATASET,
        "已分级",
        "classified",
        "The dataset's security level is at least that of each of its fields' data elements.",
        _ANY,
    ),
    CheckKind(
        "answered-for",
        _DATASET,
        "有责任人",
        "answered for",
        "Owner and steward are people who are there today.",
        _ANY,
    ),
)
