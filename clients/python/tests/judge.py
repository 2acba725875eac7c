"""A model behind OpenAI's chat completions that answers "equivalent", or fails as often as it is told to."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Judge:
    def __init__(self) -> None:
        self.failures_left = 0
        self.calls = 0
        judge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                judge.calls += 1
                fails = judge.failures_left > 0
                judge.failures_left -= fails
                said = {"role": "assistant", "content": json.dumps({"reasoning": "Same.", "verdict": "equivalent"})}
                reply = {"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}
                usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
                body = json.dumps({"error": "down"} if fails else {**reply, "usage": usage, "model": "m"}).encode()
                # 401: no retry of the server's own can help.
                self.send_response(401 if fails else 200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
