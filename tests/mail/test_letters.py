"""Letters: one message, whole headers, carried away once, forgotten afterwards."""

import smtplib
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.world import NOON, World
from workspace.db.outbox import Job
from workspace.kernel.actors import COMMAND
from workspace.kernel.errors import NotAcceptable
from workspace.mail.compose import compose
from workspace.mail.models import Letter
from workspace.mail.outbox import JOB, deliver, post
from workspace.mail.transport import FolderMailer, SmtpMailer, open_mailer
from workspace.settings import Settings, SettingsError

TEXT = "Доброго дня!\n\nПосилання: https://cloud.example.org/x\n.\nкрапка на рядку"


def put(world: World, **more: str) -> str:
    values = {"recipient": "olena@example.org", "subject": "Новий пароль", "body": TEXT, "language": "uk"} | more
    with world.writing(COMMAND) as work:
        return post(work, **values)  # type: ignore[arg-type]


def test_a_letter_arrives_as_it_was_written(world: World) -> None:
    deliver(world.runtime, put(world))
    ((sender, recipient, raw),) = world.letters.sent
    message = message_from_bytes(raw, policy=policy.default)
    assert (sender, recipient) == ("workspace@localhost", "olena@example.org")
    assert (message["To"], message["Subject"], message["Content-Language"]) == (
        "olena@example.org",
        "Новий пароль",
        "uk",
    )
    assert message.get_content().replace("\r\n", "\n").strip() == TEXT
    assert message["Auto-Submitted"] == "auto-generated"
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_the_text_is_forgotten_once_the_letter_has_left_and_the_job_never_held_it(world: World) -> None:
    letter_id = put(world)
    with world.reading(COMMAND) as work:
        (job,) = work.session.query(Job).filter_by(kind=JOB)
        assert job.payload == {"letter": letter_id}
    deliver(world.runtime, letter_id)
    with world.reading(COMMAND) as work:
        row = work.session.get_one(Letter, letter_id)
        assert row.body is None
        assert row.sent_at == world.clock.now()


def test_a_letter_leaves_once_and_an_unknown_one_not_at_all(embedded_world: World) -> None:
    letter_id = put(embedded_world)
    for one in (letter_id, letter_id, "unknown"):
        deliver(embedded_world.runtime, one)
    assert len(embedded_world.letters.sent) == 1


def test_a_failing_mailer_keeps_the_letter_for_the_next_attempt(embedded_world: World) -> None:
    letter_id = put(embedded_world)
    failing = SmtpMailer("127.0.0.1", 1, tls="0")
    runtime = replace(embedded_world.runtime, ports=replace(embedded_world.runtime.ports, mailer=failing))
    with pytest.raises(ConnectionRefusedError):
        deliver(runtime, letter_id)
    deliver(embedded_world.runtime, letter_id)
    assert len(embedded_world.letters.sent) == 1


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\0"])
@pytest.mark.parametrize("field", ["recipient", "subject"])
def test_a_line_break_cannot_begin_a_header(embedded_world: World, field: str, mark: str) -> None:
    with pytest.raises(NotAcceptable):
        put(embedded_world, **{field: f"a{mark}Bcc: evil@example.org"})


def test_a_name_with_a_line_break_is_refused_by_the_composer() -> None:
    with pytest.raises(NotAcceptable):
        compose(
            sender="a@b.org",
            sender_name="x\r\nBcc: y@z.org",
            recipient="c@d.org",
            subject="s",
            body="b",
            language="en",
            message_id="<1@b.org>",
            at=NOON,
        )


def test_without_a_mail_server_letters_are_files_only_their_owner_reads(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "letters")
    raw = b"Message-ID: <01abc@host>\r\nSubject: x\r\n\r\nbody\r\n"
    for _ in range(2):
        mailer.send("a@b.org", "c@d.org", raw)
    (file,) = (tmp_path / "letters").iterdir()
    assert file.name == "01abc.eml"
    assert file.read_bytes() == raw
    assert file.stat().st_mode & 0o077 == 0


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go\r\n")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part)
                self.server.got.append(b"".join(lines))  # type: ignore[attr-defined]
                self.wfile.write(b"250 kept\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 here\r\n")


@pytest.fixture
def mail_server() -> Iterator[socketserver.ThreadingTCPServer]:
    """A mail server on loopback that keeps what it gets and offers no TLS."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session)
    server.got = []  # type: ignore[attr-defined]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_with_a_mail_server_letters_go_there(mail_server: socketserver.ThreadingTCPServer) -> None:
    port = mail_server.server_address[1]
    mailer = open_mailer(Settings(mail_url=f"smtp://127.0.0.1:{port}?tls=0"))
    mailer.send("a@b.org", "c@d.org", b"Subject: x\r\n\r\n.a dot\r\n")
    assert mail_server.got == [b"Subject: x\r\n\r\n..a dot\r\n"]  # type: ignore[attr-defined]


def test_a_server_that_offers_no_tls_gets_no_letter(mail_server: socketserver.ThreadingTCPServer) -> None:
    port = mail_server.server_address[1]
    with pytest.raises(smtplib.SMTPException):
        open_mailer(Settings(mail_url=f"smtp://127.0.0.1:{port}")).send("a@b.org", "c@d.org", b"x")
    assert mail_server.got == []  # type: ignore[attr-defined]


def test_a_mail_address_that_cannot_be_used_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="WORKSPACE_MAIL_URL"):
        open_mailer(Settings(mail_url="smtp://host?tls=maybe"))
