"""How a script of this folder is asked and answers: a request in JSON on standard input, what was seen in JSON in the file that it is given."""

import asyncio
import inspect
import json
import sys
from collections.abc import Callable
from typing import Any


def answer(seen_for: Callable[[dict[str, Any]], Any]) -> None:
    """Answers the request by ``seen_for``, awaited where it is asynchronous."""
    request = json.load(sys.stdin)
    seen = asyncio.run(seen_for(request)) if inspect.iscoroutinefunction(seen_for) else seen_for(request)
    with open(sys.argv[1], "w") as out:
        json.dump(seen, out, allow_nan=False)


def error_of(error: BaseException) -> dict[str, str]:
    """An error as a trainer would log it."""
    return {"kind": type(error).__name__, "message": str(error)}
