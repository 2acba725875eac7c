"""A reward function for TRL's trainers (`GRPOTrainer`, `RLOOTrainer`). What cannot be scored is ``None``, which `GRPOTrainer` of TRL 1.16
leaves out of the baseline. Older versions may sum it up as 0: there, say ``on_unscorable="raise"``.

    from groupwise.integrations.trl import groupwise_reward

    trainer = GRPOTrainer(..., reward_funcs=groupwise_reward("127.0.0.1:50051", reward="math", ground_truth_column="answer"))

For prompts that are leased from the server, see `trl_rollouts`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal

from groupwise._tls import Tls
from groupwise.connections import Place, patiently
from groupwise.errors import UnscorableError
from groupwise.inputs import Completion, RewardSpec, ScoreGroup, content_text
from groupwise.labels import label_reward
from groupwise.replies import CompletionResult

log = logging.getLogger(__name__)

OnUnscorable = Literal["none", "raise"]
LogMetric = Callable[[str, float], None]


def groupwise_reward(
    address: str | None = None,
    *,
    reward: RewardSpec | None = None,
    ground_truth_column: str = "ground_truth",
    on_unscorable: OnUnscorable = "none",
    stop_token_ids: Collection[int] | None = None,
    token: str | None = None,
    tls: Tls | None = None,
    timeout_s: float = 300.0,
    hold_s: float = 600.0,
    name: str = "groupwise",
) -> Callable[..., list[float | None]]:
    """A reward function of TRL.

    Args:
        address: HOST:PORT of the gRPC door; for None, ``token`` and ``tls`` see `connections.Place.of`.
        reward: A scorer or a recipe, for rows that name none. Default "math".
        ground_truth_column: The column of the training set that has the ground truth, in any form of `inputs.Label`.
            Rows where it is None are not of this function's business: their reward is None.
        on_unscorable: "none" hands None to the trainer, "raise" ends the training with `UnscorableError`.
        stop_token_ids: Tokens that end a completion (eos, pad). One that ends otherwise is handed in as truncated.
        timeout_s: Of one try.
        hold_s: How long it is tried again when nobody answers, or has no room.
        name: What TRL calls the rewards in its logs.

    Returns:
        A function of ``prompts`` [N], ``completions`` [N], ``completion_ids`` [N][tokens] and the columns [N], to rewards [N].
        It raises `GroupwiseError` when the server cannot be reached or refuses.
    """
    place = Place.of(address, token, tls)

    def rewards_of(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]] | None = None,
        log_metric: LogMetric | None = None,
        **columns: Any,
    ) -> list[float | None]:
        if ground_truth_column not in columns:
            raise ValueError(f'The training set has no column "{ground_truth_column}": name it as ground_truth_column')
        labels = columns[ground_truth_column]
        members = completions_of(completions, completion_ids, stop_token_ids)
        results: dict[int, CompletionResult] = {}
        for recipe, groups in _groups(prompts, labels, members):
            requested = [ScoreGroup.of_label(labels[at[0]], [members[i] for i in at], prompts[at[0]]) for at in groups]
            asked = reward if recipe is None else recipe
            scored = patiently(
                lambda: place.environment().score(requested, reward=asked, timeout_s=timeout_s),  # noqa: B023
                hold_s,
            )
            for at, group in zip(groups, scored.groups, strict=True):
                results.update(zip(at, group.completions, strict=True))
        tell(list(results.values()), on_unscorable, log_metric)
        return [results[index].reward if index in results else None for index in range(len(members))]

    rewards_of.__name__ = name
    return rewards_of


def completions_of(
    completions: Sequence[Any],
    completion_ids: Sequence[Sequence[int]] | None,
    stop_token_ids: Collection[int] | None,
) -> list[Completion]:
    """Texts or lists of messages [N], with their tokens, as completions [N]."""
    if completion_ids is None:
        return [Completion(_text(completion)) for completion in completions]
    return [
        Completion(_text(completion), _finish_reason(token_ids, stop_token_ids), len(token_ids))
        for completion, token_ids in zip(completions, completion_ids, strict=True)
    ]


def _finish_reason(
    token_ids: Sequence[int], stop_token_ids: Collection[int] | None
) -> Literal["stop", "length"] | None:
    if stop_token_ids is None:
        return None
    return "stop" if len(token_ids) > 0 and token_ids[-1] in stop_token_ids else "length"


def _text(completion: Any) -> str:
    """What the policy said last; between its turns are the replies of tools."""
    if isinstance(completion, str):
        return completion
    own = [message for message in completion if message.get("role", "assistant") == "assistant"]
    return content_text(own[-1].get("content")) if own else ""


def _groups(
    prompts: Sequence[Any], labels: Sequence[Any], members: Sequence[Completion]
) -> list[tuple[RewardSpec | None, list[list[int]]]]:
    """Where the members [N] of each group are, by the recipe that their rows name.

    Neighbours with the same prompt and ground truth are one group, for scorers that compare.
    """
    by_recipe: dict[str, tuple[RewardSpec | None, list[list[int]]]] = {}
    group: list[int] = []
    for index in range(len(members)):
        label = labels[index]
        if label is None:
            continue
        # By their texts: arrays of NumPy, which data loaders make, compare by element.
        is_same = bool(group) and group[-1] == index - 1 and prompts[index - 1] == prompts[index]
        if is_same and repr(labels[index - 1]) == repr(label):
            group.append(index)
            continue
        group = [index]
        recipe = label_reward(label)
        by_recipe.setdefault(repr(recipe), (recipe, []))[1].append(group)
    return list(by_recipe.values())


def tell(
    results: Sequence[CompletionResult], on_unscorable: OnUnscorable, log_metric: LogMetric | None
) -> None:
    """Logs what has no reward, or raises `UnscorableError` for the first."""
    unscorable = [result.unscorable for result in results if result.unscorable is not None]
    if log_metric is not None and results:
        log_metric("groupwise/unscorable", len(unscorable) / len(results))
    if not unscorable:
        return
    if on_unscorable == "raise":
        first = unscorable[0]
        raise UnscorableError(first.cause, first.scorer, first.detail)
    causes = ", ".join(f"{cause} {count}" for cause, count in Counter(each.cause for each in unscorable).items())
    log.warning("%d of %d completions have no reward: %s", len(unscorable), len(results), causes)
