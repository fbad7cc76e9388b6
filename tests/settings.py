"""The settings of the suite: the real ones, with a scratch folder and what makes tests quick."""

import os
import tempfile
from pathlib import Path

scratch = Path(os.environ.setdefault("SPASER_VAR", tempfile.mkdtemp(prefix="spaser-tests-")))
(scratch / "static").mkdir(parents=True, exist_ok=True)
os.environ.setdefault("SECRET_KEY", "for-the-tests-only")
os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(scratch / "hypothesis"))

from spaser.settings import *  # noqa: E402, F403
from spaser.settings import DATABASES, STORAGES  # noqa: E402

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
AXES_ENABLED = False  # each test that tries passwords turns it on
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith(
    "sqlite3"
):  # a file: in memory, two connections lock each other out
    DATABASES["default"]["TEST"] = {"NAME": str(scratch / "suite-test.sqlite3")}
# what is asked for is done at once; tests/reporting/test_making.py runs the real worker
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
# nobody asks too often: what a test counts, it counts in a cache of its own
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
