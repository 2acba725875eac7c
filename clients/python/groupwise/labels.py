"""Ground truths as trainers keep them beside their prompts, in all their forms, read as what a group of completions needs of them.
What is no label is refused without telling what it was: it may be the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from groupwise._texts import listed, well_formed
from groupwise.errors import GroupwiseError

if TYPE_CHECKING:
    from groupwise.inputs import RewardSpec

Label: TypeAlias = Any
"""What trainers keep as the ground truth of a row: a text, a number or a bool; a list of these, any of which is right; or a mapping
with ``ground_truth`` (and ``aliases``, ``choices``), or with ``dataset`` and ``pair_id``; and ``reward``, the recipe of this row."""


def label_reward(label: Label) -> RewardSpec | None:
    """The recipe that a row names for itself."""
    return label.get("reward") if isinstance(label, Mapping) else None


def label_fields(label: Label) -> dict[str, Any]:
    """The fields of a `ScoreGroup` that a label tells.

    Raises:
        GroupwiseError: ``invalid_argument`` for a label that is none.
    """
    if not isinstance(label, Mapping):
        answers = _answers(label)
        return {"ground_truth": answers[0], "aliases": answers[1:]}
    unknown = set(label) - {"ground_truth", "aliases", "choices", "dataset", "pair_id", "reward"}
    if unknown:
        raise _not_a_label(f"has unknown fields: {', '.join(sorted(map(str, unknown)))}")
    # Tables have every field in every row, as None where it is absent.
    told = {name: value for name, value in label.items() if value is not None}
    if "ground_truth" not in told and "pair_id" not in told:
        raise _not_a_label("has neither ground_truth nor pair_id")
    answers = _answers(told["ground_truth"]) if "ground_truth" in told else []
    return {
        "ground_truth": answers[0] if answers else None,
        "aliases": [*answers[1:], *map(_answer, listed(_plain(told.get("aliases", ())), "aliases"))],
        "choices": [str(choice) for choice in listed(_plain(told.get("choices", ())), "choices")],
        "dataset": told.get("dataset"),
        "pair_id": told.get("pair_id"),
    }


def _answers(label: Label) -> list[str]:
    label = _plain(label)
    if isinstance(label, (list, tuple)):
        if not label:
            raise _not_a_label("is an empty list")
        return [_answer(each) for each in label]
    return [_answer(label)]


def _plain(value: Any) -> Any:
    """What it is in Python: data loaders make arrays of NumPy and Arrow of lists and numbers."""
    return value.tolist() if hasattr(value, "tolist") else value


def _answer(answer: Any) -> str:
    answer = _plain(answer)
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, float) and not math.isfinite(answer):
        raise _not_a_label(f"is {answer}")
    if isinstance(answer, float) and answer.is_integer() and abs(answer) < 2**53:
        return str(int(answer))
    if isinstance(answer, (str, int, float)):
        return well_formed(str(answer))
    raise _not_a_label(f"is a {type(answer).__name__}")


def _not_a_label(state: str) -> GroupwiseError:
    wanted = "a text, a number, a bool, a list of these, or a mapping with ground_truth"
    return GroupwiseError("invalid_argument", f"A ground truth must be {wanted}: this one {state}", "ground_truth")
