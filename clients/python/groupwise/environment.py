"""The client that waits: one method a call, data in and out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import TypeVar

import grpc

from groupwise import _calls, _connection
from groupwise._tls import Tls, credentials
from groupwise.accounts import Accounting
from groupwise.inputs import Completion, EstimatorSpec, RewardSpec, SamplingSpec, ScoreGroup
from groupwise.replies import GroupResult, Heartbeat, Lease, Run, Scores
from groupwise.v1 import environment_pb2_grpc, rewards_pb2_grpc

Reply = TypeVar("Reply")


class Environment:
    """A connection to a server. Safe to share between threads; not between processes: make one in each.

    Every call ends within ``timeout_s`` (of the call, else of the connection), retries included, and raises `GroupwiseError`.
    """

    def __init__(
        self,
        address: str = "127.0.0.1:50051",
        *,
        token: str | None = None,
        tls: Tls = False,
        timeout_s: float = 60.0,
    ) -> None:
        """
        Args:
            address: HOST:PORT of the gRPC door.
            token: What ``groupwise serve --token`` was given.
            tls: True, or the certificates to believe instead of the system's: PEM as bytes, or the path of a PEM file.
            timeout_s: For calls that bring none of their own.
        """
        address, creds = _connection.check_address(address), credentials(tls)
        options = _connection.OPTIONS
        self._channel = (
            grpc.insecure_channel(address, options) if creds is None else grpc.secure_channel(address, creds, options)
        )
        self._stubs = {
            "environment": environment_pb2_grpc.EnvironmentStub(self._channel),
            "rewards": rewards_pb2_grpc.RewardsStub(self._channel),
        }
        self._metadata = _connection.metadata(token)
        self._timeout_s = timeout_s

    def open_run(
        self,
        dataset: str,
        *,
        run_id: str | None = None,
        split: str | None = None,
        group_size: int | None = None,
        seed: int | None = None,
        epochs: int | None = None,
        reward: RewardSpec | None = None,
        estimator: EstimatorSpec | None = None,
        sampling: SamplingSpec | None = None,
        lease_ttl_s: float | None = None,
        max_attempts: int | None = None,
        max_drift: int | None = None,
        prompt_template: str | None = None,
        timeout_s: float | None = None,
    ) -> Run:
        """Starts a seeded walk over one split, or resumes the one named by ``run_id``. What is None has the server's default.

        Args:
            group_size: Completions per prompt, G.
            reward: In place of what each row names.
            lease_ttl_s: How long a lease holds without a heartbeat. Seconds.
            max_attempts: Leases of one group before it is quarantined.
            max_drift: Completions that are more policy versions behind are unscorable.
        """
        call = _calls.open_run(
            dataset,
            run_id=run_id,
            reward=reward,
            estimator=estimator,
            sampling=sampling,
            lease_ttl_s=lease_ttl_s,
            split=split,
            group_size=group_size,
            seed=seed,
            epochs=epochs,
            max_attempts=max_attempts,
            max_drift=max_drift,
            prompt_template=prompt_template,
        )
        return self._ask(call, timeout_s)

    def get_run(self, run_id: str, *, timeout_s: float | None = None) -> Run:
        return self._ask(_calls.get_run(run_id), timeout_s)

    def close_run(self, run_id: str, *, timeout_s: float | None = None) -> Run:
        """Takes no more leases; open ones are released."""
        return self._ask(_calls.close_run(run_id), timeout_s)

    def lease(
        self,
        run_id: str,
        groups: int = 1,
        *,
        batch_id: str | None = None,
        policy_version: int | None = None,
        timeout_s: float | None = None,
    ) -> Lease:
        """Up to ``groups`` groups; without any, ``empty_reason`` says why and ``retry_after_s`` when to ask again.

        Never repeated by itself: a lost answer would leave its groups leased to nobody, until they expire.

        Args:
            batch_id: Adds to a batch of before.
            policy_version: The client's newest weights.
        """
        call = _calls.lease(run_id, groups, batch_id=batch_id, policy_version=policy_version)
        return self._ask(call, timeout_s)

    def submit(
        self,
        run_id: str,
        completions: Mapping[str, Sequence[str | Completion]],
        *,
        wait: bool = True,
        timeout_s: float | None = None,
    ) -> list[GroupResult]:
        """Hands in completions, by lease id: whole groups, each [G], or some members, which then need ``member_index``.

        A repeat of the same content returns the first result.

        Args:
            wait: Answer when all is scored, or at once when it is taken in and on disk. Give scoring by judges the time it takes.

        Returns:
            Results in the order of ``completions``. Advantages are None until their batch is complete.
        """
        return self._ask(_calls.submit(run_id, completions, wait=wait), timeout_s)

    def heartbeat(
        self, run_id: str, lease_ids: Iterable[str], *, timeout_s: float | None = None
    ) -> Heartbeat:
        """Extends leases, and says which no longer hold."""
        return self._ask(_calls.heartbeat(run_id, lease_ids), timeout_s)

    def release(self, run_id: str, lease_ids: Iterable[str], *, timeout_s: float | None = None) -> int:
        """Gives leased groups back at once. Returns how many leases it ended."""
        return self._ask(_calls.release(run_id, lease_ids), timeout_s)

    def group(self, run_id: str, group_id: str, *, timeout_s: float | None = None) -> GroupResult:
        """What became of one group."""
        return self._ask(_calls.group(run_id, group_id), timeout_s)

    def accounting(self, run_id: str, *, timeout_s: float | None = None) -> Accounting:
        """The books of a run."""
        return self._ask(_calls.accounting(run_id), timeout_s)

    def report_training_step(
        self,
        run_id: str,
        number: int,
        metrics: Mapping[str, float],
        *,
        policy_version: int | None = None,
        timeout_s: float | None = None,
    ) -> None:
        """Keeps the trainer's own curves (loss, kl, entropy, …) beside the rewards.

        Args:
            policy_version: The weights after this update.
        """
        call = _calls.report_training_step(run_id, number, metrics, policy_version=policy_version)
        self._ask(call, timeout_s)

    def score(
        self,
        groups: Iterable[ScoreGroup],
        *,
        reward: RewardSpec | None = None,
        estimator: EstimatorSpec | None = None,
        timeout_s: float | None = None,
    ) -> Scores:
        """Scores completions against their ground truths, without a run. All groups are one batch to the estimator.

        Args:
            groups: [N], each with completions [G]; G may differ.
            reward: Default: what a row of a dataset names; "math" for ground truths that are given.
            estimator: Default "grpo:verl".

        Returns:
            Rewards and advantages [N][G], in the order of the request.
        """
        return self._ask(_calls.score(groups, reward=reward, estimator=estimator), timeout_s)

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Environment:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, call: _calls.Call[Reply], timeout_s: float | None) -> Reply:
        method = getattr(self._stubs[call.service], call.name)
        attempts = _connection.Attempts(
            self._timeout_s if timeout_s is None else timeout_s, may_repeat=call.may_repeat
        )
        while True:
            try:
                reply = method(call.request, timeout=attempts.seconds_left, metadata=self._metadata)
                return call.decode(reply)
            except grpc.RpcError as failed:
                error = _connection.error_of(failed)
                pause_s = attempts.pause_s(error)
                if pause_s is None:
                    raise error from failed
            time.sleep(pause_s)
