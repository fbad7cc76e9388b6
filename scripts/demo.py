"""The demonstration: database, plans, accounts, campaigns, editions, then the site and its worker. Run again, it loses nothing."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORT = os.environ.get("PORT", "8000")


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            sys.exit(f"Port {port} is reserved for root. Choose one from 1024 on: make demo PORT=8000")
        except OSError:
            return False
    return True


def prepare():
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_scheme", *map(str, sorted((ROOT / "fixtures").glob("*.yaml"))))
    print()
    call_command("demo_accounts")
    call_command("demo_campaign")
    call_command("demo_editions")
    call_command("resume_editions", "--no-worker")


def serve():
    """The site, and beside it the worker that makes the editions, until somebody stops them."""
    worker = subprocess.Popen([sys.executable, "manage.py", "db_worker", "--verbosity", "0"])
    command = ["-m", "gunicorn", "spaser.wsgi", "--bind", f"127.0.0.1:{PORT}", "--workers", "2"]
    site = subprocess.Popen([sys.executable, *command, "--log-level", "warning"])
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: site.terminate())
    try:
        return site.wait()
    finally:
        worker.terminate()
        worker.wait()


def main():
    if not (PORT.isascii() and PORT.isdigit()) or not 0 < int(PORT) < 65536:
        sys.exit(f"PORT must be a number between 1 and 65535, not {PORT!r}.")
    if not port_is_free(int(PORT)):
        sys.exit(f"Port {PORT} is taken. Choose another: make demo PORT={int(PORT) % 65535 + 1}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spaser.settings")
    os.environ["SPASER_DEMO"] = "1"
    os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{PORT}")
    prepare()
    print(f"\nhttp://127.0.0.1:{PORT}  (Ctrl-C arrête)", flush=True)
    sys.exit(serve())


if __name__ == "__main__":
    main()
