"""The settings as a machine reads them: from the environment, safe unless said otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SHOW = (
    "from django.conf import settings as s; print(s.DEBUG, s.DEMO, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS)"
)


def start(tmp_path, **environment):
    known = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={
            **known,
            "DJANGO_SETTINGS_MODULE": "spaser.settings",
            "SPASER_VAR": str(tmp_path),
            **environment,
        },
        capture_output=True,
        text=True,
    )


def test_a_key_is_required(tmp_path):
    done = start(tmp_path)
    assert done.returncode != 0
    assert "SECRET_KEY is required" in done.stderr


def test_production_is_the_default(tmp_path):
    done = start(tmp_path, SECRET_KEY="x", ALLOWED_HOSTS="spaser.example, www.spaser.example")
    assert done.stdout.strip() == "False False True ['spaser.example', 'www.spaser.example']"


def test_the_demonstration_makes_a_key_and_keeps_it(tmp_path):
    assert start(tmp_path, SPASER_DEMO="1").stdout.startswith("False True False")
    key = (tmp_path / "demo-secret-key").read_text()
    assert len(key) > 50
    start(tmp_path, SPASER_DEMO="1")
    assert (tmp_path / "demo-secret-key").read_text() == key
    assert (tmp_path / "demo-secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", ["oui", "2", "on "])
def test_a_doubtful_flag_is_refused(tmp_path, value):
    done = start(tmp_path, SECRET_KEY="x", DEBUG=value)
    assert "DEBUG must be 0 or 1" in done.stderr
