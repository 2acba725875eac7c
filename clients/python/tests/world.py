"""One server and one judge for all tests of a process: starting them takes longer than any test."""

from __future__ import annotations

import atexit
import faulthandler
import functools
import itertools

from groupwise import Environment, Run
from groupwise.connections import Place
from judge import Judge
from server import DATASET, Server

JUDGED = {"scorers": [{"name": "judge"}]}
"""A recipe by which a judge is asked about every answer."""

_numbers = itertools.count()

# A test that hangs says where, and ends.
faulthandler.dump_traceback_later(400, exit=True)


@functools.lru_cache(maxsize=None)
def judge() -> Judge:
    started = Judge()
    atexit.register(started.stop)
    return started


@functools.lru_cache(maxsize=None)
def server() -> Server:
    scorers = f"cache: memory\njudges:\n  judge: {{ model: m, endpoints: [{{ base_url: '{judge().url}' }}] }}\n"
    started = Server(scorers=scorers)
    atexit.register(started.stop)
    return started


def environment() -> Environment:
    """The connection of this process."""
    return Place.of(server().address).environment()


def fresh_run(**options: object) -> Run:
    """A run of two completions a group, that no other test knows."""
    wanted = {"group_size": 2, "run_id": f"run-{next(_numbers)}", "sampling": "sequential", **options}
    return environment().open_run(DATASET, **wanted)  # type: ignore[arg-type]


def fresh_answer() -> str:
    """One that no judge was asked about, so that its verdict is not known."""
    return f"basket {next(_numbers)} of apples"
