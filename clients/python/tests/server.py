"""A real ``groupwise serve`` with a dataset of its own, on free ports of this machine, for the tests of this folder.

Needs the repository around it: GROUPWISE_NODE names the Node that runs it (default: the repository's own)."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NODE = os.environ.get("GROUPWISE_NODE") or str(ROOT / "node_modules" / ".bin" / "node")
COMMAND = [NODE, str(ROOT / "bin" / "groupwise.js")]
TOKEN = "a-token-of-the-tests"
DATASET = "sums"
SUMS = [(n, n + 7) for n in range(8)]


class Server:
    """Runs until ``stop``; ``address`` is HOST:PORT of the gRPC door."""

    def __init__(self, *more: str, scorers: str | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="groupwise-python-")
        self.folder = Path(self._folder.name)
        data, rows = self.folder / "data", self.folder / "sums.jsonl"
        rows.write_text("".join(f"{json.dumps(_row(left, right))}\n" for left, right in SUMS))
        subprocess.run(
            [*COMMAND, "import", str(rows), "--name", DATASET, "--data", str(data)], check=True, capture_output=True
        )
        if scorers is not None:
            (self.folder / "scorers.yaml").write_text(scorers)
            more = (*more, "--scorers", str(self.folder / "scorers.yaml"))
        flags = ["--json", "--log-level", "error", "--data", str(data), "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        self._process = subprocess.Popen([*COMMAND, "serve", *flags, *more], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The server ended before it listened")
        self.address = json.loads(line)["grpc"]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._folder.cleanup()


def _row(left: int, right: int) -> dict[str, object]:
    return {"question": f"What is {left} + {right}?", "ground_truth": str(left + right), "split": "train"}


def answer_to(question: str) -> str:
    """What a policy that can add would say."""
    left, right = question.removeprefix("What is ").removesuffix("?").split(" + ")
    return f"It is \\boxed{{{int(left) + int(right)}}}"
