"""Trainers fork, and a connection does not survive that: every process gets one of its own, and every event loop."""

import asyncio
import os
import subprocess
import sys
import unittest

from groupwise.connections import Place
from world import server


FORKS = """
import os, sys
from groupwise.connections import Place
from groupwise.integrations.verl import compute_score

place = Place.of(sys.argv[1])
parents = place.environment()

def ask(text):
    return compute_score("", text, "2", address=sys.argv[1], timeout_s=20, hold_s=0)

print("parent", ask("\\boxed{2}"), flush=True)
child = os.fork()
if child == 0:
    print("child", ask("\\boxed{2}"), ask("3"), place.environment() is parents, flush=True)
    os._exit(0)
_, status = os.waitpid(child, 0)
print("parent", ask("3"), place.environment() is parents, status)
"""


class ProcessesTest(unittest.TestCase):
    def test_a_child_scores_by_a_connection_of_its_own_and_so_does_its_parent_after_it(self):
        command = [sys.executable, "-c", FORKS, server().address]
        said = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
        self.assertEqual(said.stdout.splitlines(), ["parent 1.0", "child 1.0 0.0 False", "parent 0.0 True 0"])

    def test_a_process_has_one_connection_for_each_place(self):
        place = Place.of(server().address)
        self.assertIs(place.environment(), Place.of(server().address).environment())
        self.assertIsNot(place.environment(), Place.of(server().address, token="t").environment())

    def test_an_event_loop_has_one_connection_and_the_next_loop_another(self):
        place = Place.of(server().address)

        async def two():
            return place.async_environment(), place.async_environment()

        first, same = asyncio.run(two())
        other, _ = asyncio.run(two())
        self.assertIs(first, same)
        self.assertIsNot(first, other)

    def test_where_the_server_is_may_stand_in_the_environment(self):
        kept = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(kept)))
        os.environ.update(GROUPWISE_ADDRESS="a:1", GROUPWISE_TOKEN="t", GROUPWISE_TLS_CA="ca.pem")
        self.assertEqual(Place.of(), Place("a:1", "t", "ca.pem"))
        self.assertEqual(Place.of("b:2", "u", False), Place("b:2", "u", False))
        os.environ.update(GROUPWISE_ADDRESS="", GROUPWISE_TOKEN="", GROUPWISE_TLS_CA="")
        self.assertEqual(Place.of(), Place("127.0.0.1:50051", None, False))


if __name__ == "__main__":
    unittest.main()
