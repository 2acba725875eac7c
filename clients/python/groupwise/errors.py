"""The errors that a caller may catch. Both travel through pickle, as trainers send them between processes."""

from __future__ import annotations


class GroupwiseError(Exception):
    """A call that the server refused, or that did not reach it."""

    def __init__(
        self,
        code: str,
        message: str,
        field: str | None = None,
        retry_after_s: float | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(code, message, field, retry_after_s, request_id)
        self.code = code
        """Canonical gRPC code in snake case: "invalid_argument", "unavailable", …"""
        self.message = message
        self.field = field
        """The field at fault, for example ``groups[0].completions``."""
        self.retry_after_s = retry_after_s
        """When the same call may succeed. Seconds."""
        self.request_id = request_id
        """Under which the server's log has it."""

    def __str__(self) -> str:
        where = "" if self.field is None else f" [{self.field}]"
        return f"{self.code}: {self.message}{where}"


class UnscorableError(GroupwiseError):
    """A completion has no valid score, raised where a trainer has no word for that. It is not a reward of 0."""

    def __init__(self, cause: str, scorer: str, detail: str) -> None:
        super().__init__("failed_precondition", f'Cannot score the completion: "{scorer}" says {cause}: {detail}')
        # What pickle calls the class with.
        self.args = (cause, scorer, detail)
        self.cause = cause
        """A closed set: "judge_unavailable", "verifier_timeout", …"""
        self.scorer = scorer
        self.detail = detail
