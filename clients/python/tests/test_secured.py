"""A server with a token behind TLS, from both clients and from a shim."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from groupwise import AsyncEnvironment, Environment, GroupwiseError, ScoreGroup
from groupwise.integrations.verl import compute_score
from server import TOKEN, Server

ONE = [ScoreGroup(["1"], ground_truth="1")]


@unittest.skipIf(shutil.which("openssl") is None, "no openssl")
class SecuredTest(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="groupwise-tls-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.certificate, key = (str(Path(cls.folder.name) / name) for name in ("certificate.pem", "key.pem"))
        subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cls.certificate]
        subprocess.run(["openssl", "req", "-x509", *made, *subject], check=True, capture_output=True)
        cls.server = Server("--token", TOKEN, "--tls-cert", cls.certificate, "--tls-key", key)
        cls.addClassCleanup(cls.server.stop)

    @property
    def pem(self):
        return Path(self.certificate).read_bytes()

    def test_it_answers_who_believes_its_certificate_and_has_its_token(self):
        with Environment(self.server.address, token=TOKEN, tls=self.pem) as environment:
            self.assertEqual(environment.score(ONE).groups[0].rewards, [1.0])

    async def test_certificates_may_be_bytes_or_a_file_in_every_client(self):
        for tls in (self.pem, b"Zertifikate f\xc3\xbcr Tests\n" + self.pem, self.certificate, Path(self.certificate)):
            with self.subTest(type(tls)), Environment(self.server.address, token=TOKEN, tls=tls) as environment:
                self.assertEqual(environment.score(ONE).groups[0].rewards, [1.0])
            async with AsyncEnvironment(self.server.address, token=TOKEN, tls=tls) as environment:
                self.assertEqual((await environment.score(ONE)).groups[0].rewards, [1.0])
            self.assertEqual(compute_score("", "1", "1", address=self.server.address, token=TOKEN, tls=tls), 1.0)

    def test_what_is_no_certificate_is_refused_under_its_name(self):
        folder = Path(self.folder.name)
        (folder / "notes.txt").write_text("no PEM")
        for tls, words in (
            (str(folder / "none.pem"), 'none.pem": No such file'),
            (folder / "notes.txt", 'notes.txt" has no PEM of certificates'),
            (folder / "key.pem", 'key.pem" has no PEM of certificates'),
            (folder, "Is a directory"),
            ("", "No such file"),
            ("\0", "null"),
            (b"", "These bytes have no PEM"),
            (self.pem[: len(self.pem) // 2], "These bytes have no PEM"),
            (self.pem.decode(), "must be bytes"),
            (1, "not of type int"),
        ):
            for connect in (
                lambda: Environment(self.server.address, tls=tls),
                lambda: AsyncEnvironment(self.server.address, tls=tls),
                lambda: compute_score("", "1", "1", address=self.server.address, tls=tls, fault_score=0),
            ):
                with self.subTest(tls=tls), self.assertRaises(GroupwiseError) as refused:
                    connect()
                self.assertEqual((refused.exception.code, refused.exception.field), ("invalid_argument", "tls"))
                self.assertIn(words, str(refused.exception))

    async def test_it_answers_async_clients_too(self):
        async with AsyncEnvironment(self.server.address, token=TOKEN, tls=self.pem) as environment:
            self.assertEqual((await environment.score(ONE)).groups[0].rewards, [1.0])

    def test_a_wrong_token_is_refused_at_once(self):
        for token in (None, "wrong"):
            with self.subTest(token), Environment(self.server.address, token=token, tls=self.pem) as environment:
                with self.assertRaises(GroupwiseError) as refused:
                    environment.score(ONE)
                self.assertEqual(refused.exception.code, "unauthenticated")

    def test_a_certificate_that_is_not_believed_is_no_server(self):
        with Environment(self.server.address, token=TOKEN, tls=True, timeout_s=0.5) as environment:
            with self.assertRaises(GroupwiseError) as refused:
                environment.score(ONE)
            self.assertIn(refused.exception.code, ("unavailable", "deadline_exceeded"))

    def test_a_shim_takes_both_from_the_environment(self):
        there = {
            "GROUPWISE_ADDRESS": self.server.address,
            "GROUPWISE_TOKEN": TOKEN,
            "GROUPWISE_TLS_CA": self.certificate,
        }
        with mock.patch.dict(os.environ, there):
            self.assertEqual(compute_score("", "1", "1"), 1.0)

    def test_a_shims_own_number_for_faults_is_not_given_for_a_wrong_token(self):
        with self.assertRaises(GroupwiseError) as refused:
            compute_score("", "1", "1", address=self.server.address, token="wrong", tls=self.certificate, fault_score=0)
        self.assertEqual(refused.exception.code, "unauthenticated")


if __name__ == "__main__":
    unittest.main()
