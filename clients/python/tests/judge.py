"""A model behind OpenAI's chat completions that answers "equivalent", or says nothing readable about the answers that it is told to fail on."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The server asks once more before it calls a verdict unreadable.
REPLIES_OF_A_FAULT = 2


class Judge:
    def __init__(self) -> None:
        self._left: dict[str, int] = {}
        self._lock = threading.Lock()
        judge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["content-length"])).decode()
                verdict = json.dumps({"reasoning": "Same.", "verdict": "equivalent"})
                said = {"role": "assistant", "content": "Hm." if judge._fails_on(asked) else verdict}
                reply = {"choices": [{"index": 0, "message": said, "finish_reason": "stop"}], "model": "m"}
                usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
                body = json.dumps({**reply, "usage": usage}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def fail(self, answer: str, times: int = 1) -> str:
        """The next verdicts on this answer cannot be read. Returns the answer."""
        with self._lock:
            self._left[answer] = times * REPLIES_OF_A_FAULT
        return answer

    def faults_left(self) -> int:
        """Verdicts that were to fail and were not asked for."""
        return sum(self._left.values()) // REPLIES_OF_A_FAULT

    def _fails_on(self, asked: str) -> bool:
        with self._lock:
            for answer, left in self._left.items():
                if left > 0 and answer in asked:
                    self._left[answer] -= 1
                    return True
        return False

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
