"""The demonstration: database, plans, accounts, the 2017 bilan, campaigns, then the site. Run again, it loses nothing."""

import os
import socket
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
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_scheme", *map(str, sorted((ROOT / "fixtures").glob("*.yaml"))))
    print("\nBilan 2017 :")
    call_command("bilan", "pas-de-calais-2017", 2017, output=settings.VAR_DIR / "bilans")
    print()
    call_command("demo_accounts")
    call_command("demo_campaign")


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
    command = ["-m", "gunicorn", "spaser.wsgi", "--bind", f"127.0.0.1:{PORT}", "--workers", "2"]
    os.execv(sys.executable, [sys.executable, *command, "--log-level", "warning"])


if __name__ == "__main__":
    main()
