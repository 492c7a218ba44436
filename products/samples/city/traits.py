"""What a customer is, as marks: a defect is planted only where it can be one."""

from __future__ import annotations

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from products.samples.city.customers import types
from products.samples.city.parts import AWAITED, CALIBRES, CLOSED, CUT_OFF, SUSPENDED, Block

Marks = NDArray[np.uint32]


class Trait(IntFlag):
    """One mark."""

    ACTIVE = 1
    CLOSED = 2
    CUT_OFF = 4
    AWAITED = 8
    SUSPENDED = 32768
    TRADER = 65536
    HOUSEHOLD = 16
    ORGANISATION = 32
    FIRM = 64
    REMOTE = 128
    BY_HAND = 256
    SMALL = 512
    MEDIUM = 1024
    LARGE = 2048
    TRADE_PRICE = 4096
    PLAIN = 8192
    """No exchange of the meter, and the register does not start again."""
    NONE = 0


def marks(block: Block) -> Marks:
    """Return the marks of each customer of a block."""
    kinds = np.array(["11", *types()])[np.where(block.is_organisation, block.trade + 1, 0)]
    calibre = np.array(CALIBRES)[block.calibre]
    found = {
        Trait.ACTIVE: block.is_active,
        Trait.CLOSED: block.status == CLOSED,
        Trait.CUT_OFF: block.status == CUT_OFF,
        Trait.AWAITED: block.status == AWAITED,
        Trait.SUSPENDED: block.status == SUSPENDED,
        Trait.HOUSEHOLD: ~block.is_organisation,
        Trait.TRADER: kinds == "12",
        Trait.ORGANISATION: np.isin(kinds, ("21", "22", "23")),
        Trait.FIRM: np.isin(kinds, ("21", "22")),
        Trait.REMOTE: block.is_remote,
        Trait.BY_HAND: ~block.is_remote,
        Trait.SMALL: calibre <= 25,
        Trait.MEDIUM: (calibre > 25) & (calibre <= 50),
        Trait.LARGE: calibre > 50,
        Trait.TRADE_PRICE: (block.tariff > 1),
        Trait.PLAIN: ~block.is_swapped & ~block.is_rolling,
    }
    out = np.zeros(block.count, np.uint32)
    for trait, mask in found.items():
        out |= np.where(mask, np.uint32(trait), np.uint32(0))
    return out
