"""Texts and lists of texts as they come from trainers, fit to be sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from groupwise.errors import GroupwiseError

Item = TypeVar("Item")


def well_formed(text: str) -> str:
    """Halves of surrogate pairs, which have no bytes in UTF-8, become U+FFFD."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def listed(values: Iterable[Item], field: str) -> Iterable[Item]:
    """The same. A bare text is refused: its letters would each be a completion, or a right answer."""
    if isinstance(values, str):
        raise GroupwiseError("invalid_argument", "Must be a list of texts, not a text", field)
    return values
