"""A real SMTP server on loopback that keeps the messages it receives. Use it as a fixture: `from tests.smtp import mailbox`."""

import email
import socket
from email.policy import default

import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """What the server received. `refused`: addresses that it says it does not know."""

    def __init__(self):
        self.messages, self.refused = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 5.1.1 unknown user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def to(self, address):
        return [message for message in self.messages if message["To"] == address]


def header(message, name):
    """A header of a received message; a long one was folded onto a line that begins with a space."""
    return message[name].strip()


def text(message):
    """The text of a received message, with ordinary spaces."""
    return plain(message.get_content())


def plain(text):
    """A text with ordinary spaces in place of the no-break ones."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def use_server(settings, port):
    """Let the site send its mail to a server on `port` of this machine."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""


@pytest.fixture
def mailbox(settings):
    """The Mailbox of a running server, to which the site sends."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    use_server(settings, port)
    yield box
    controller.stop()
