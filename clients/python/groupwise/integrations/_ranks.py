"""Processes that train together, as PyTorch knows them: which one this is, and what the first has for all. Without PyTorch, or before it
has formed a group, there is one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

Shared = TypeVar("Shared")


def rank() -> int:
    distributed = _group()
    return 0 if distributed is None else int(distributed.get_rank())


def from_first_rank(produce: Callable[[], Shared]) -> Shared:
    """What ``produce`` returns or raises on the first process, on all of them. All must call this together."""
    distributed = _group()
    if distributed is None:
        return produce()
    box: list[Any] = [None, None]
    if distributed.get_rank() == 0:
        try:
            box = [produce(), None]
        except Exception as error:
            # The others wait for this, whatever it is.
            box = [None, error]
    distributed.broadcast_object_list(box, src=0)
    if box[1] is not None:
        raise box[1]
    shared: Shared = box[0]
    return shared


def _group() -> Any:
    # Not imported here: a trainer that has none has not, either.
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed if distributed.get_world_size() > 1 else None
