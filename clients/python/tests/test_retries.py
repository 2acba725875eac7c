"""What is made again and what never: a call that nobody answered may have been carried out."""

import socket
import time
import unittest
from unittest import mock

import grpc

from failing import FailingServer
from groupwise import AsyncEnvironment, Environment, GroupwiseError, ScoreGroup

UNAVAILABLE, EXHAUSTED = grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED

MAY_REPEAT = {
    "SubmitCompletions": lambda environment: environment.submit("r", {"l-0": ["a", "b"]}),
    "OpenRun": lambda environment: environment.open_run("d", run_id="mine"),
    "Score": lambda environment: environment.score([ScoreGroup(["1"], ground_truth="1")]),
}
MUST_NOT = {
    "LeaseGroups": lambda environment: environment.lease("r"),
    "OpenRun": lambda environment: environment.open_run("d"),
}


class RetriesTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.server = FailingServer()
        self.addCleanup(self.server.stop)
        self.environment = Environment(self.server.address, timeout_s=20)
        self.addCleanup(self.environment.close)

    def test_calls_that_say_the_same_twice_are_made_again_when_nobody_answered(self):
        for name, call in MAY_REPEAT.items():
            with self.subTest(name):
                self.server.calls.clear()
                self.server.fail(UNAVAILABLE, times=2)
                call(self.environment)
                self.assertEqual(self.server.calls[name], 3)

    def test_a_lease_is_never_asked_for_again_nor_a_run_without_a_name(self):
        for name, call in MUST_NOT.items():
            with self.subTest(name):
                self.server.calls.clear()
                self.server.fail(UNAVAILABLE)
                with self.assertRaises(GroupwiseError) as refused:
                    call(self.environment)
                self.assertEqual((refused.exception.code, self.server.calls[name]), ("unavailable", 1))

    def test_a_lease_that_found_no_room_is_asked_for_again_when_the_server_says(self):
        self.server.fail(EXHAUSTED, retry_after_ms="50")
        with mock.patch("groupwise.environment.time") as clock:
            self.assertEqual(self.environment.lease("r").groups[0].lease_id, "l-0")
        self.assertEqual(self.server.calls["LeaseGroups"], 2)
        ((pause_s,),) = [call.args for call in clock.sleep.call_args_list]
        self.assertTrue(0.05 <= pause_s <= 0.1, pause_s)

    def test_a_refusal_that_names_no_time_is_the_callers(self):
        for code in (EXHAUSTED, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL):
            with self.subTest(code):
                self.server.calls.clear()
                self.server.fail(code, groupwise_field="groups%5B0%5D", groupwise_request_id="r-1")
                with self.assertRaises(GroupwiseError) as refused:
                    MAY_REPEAT["Score"](self.environment)
                error = refused.exception
                self.assertEqual((error.code, error.field), (code.name.lower(), "groups[0]"))
                self.assertEqual((error.request_id, error.message, self.server.calls["Score"]), ("r-1", "As told", 1))

    async def test_async_clients_do_the_same(self):
        async with AsyncEnvironment(self.server.address, timeout_s=20) as environment:
            self.server.fail(UNAVAILABLE, times=2)
            await MAY_REPEAT["Score"](environment)
            self.assertEqual(self.server.calls["Score"], 3)
            self.server.fail(UNAVAILABLE)
            with self.assertRaises(GroupwiseError):
                await MUST_NOT["LeaseGroups"](environment)
            self.assertEqual(self.server.calls["LeaseGroups"], 1)
            self.server.fail(EXHAUSTED, retry_after_ms="10")
            await MUST_NOT["LeaseGroups"](environment)

    def test_retries_end_with_the_time_of_the_call(self):
        self.server.fail(EXHAUSTED, times=99, retry_after_ms="60000")
        with self.assertRaises(GroupwiseError) as refused:
            self.environment.score([ScoreGroup(["1"], ground_truth="1")], timeout_s=20)
        self.assertEqual((refused.exception.code, refused.exception.retry_after_s), ("resource_exhausted", 60.0))

    def test_a_state_of_a_newer_server_is_no_error(self):
        (result,) = self.environment.submit("r", {"l-0": ["a"]})
        self.assertEqual(result.state, "unknown_99")

    def test_nobody_there_is_unavailable(self):
        # Bound, so that nobody else gets it; it does not listen.
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{bound.getsockname()[1]}"
            with Environment(address) as environment, self.assertRaises(GroupwiseError) as refused:
                environment.lease("r")
        self.assertEqual(refused.exception.code, "unavailable")

    def test_a_server_that_starts_again_is_found_by_the_same_connection(self):
        port = int(self.server.address.rsplit(":", 1)[1])
        MAY_REPEAT["Score"](self.environment)
        self.server.stop()
        started = []

        def start_again(pause_s):
            if not started:
                started.append(FailingServer(port))
                self.addCleanup(started[0].stop)
            time.sleep(pause_s)

        with mock.patch("groupwise.environment.time") as clock:
            clock.sleep = start_again
            MAY_REPEAT["Score"](self.environment)
        self.assertEqual(started[0].calls["Score"], 1)


if __name__ == "__main__":
    unittest.main()
