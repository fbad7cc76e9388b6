"""Prepares a machine for `demo` or `test`: system packages, virtual environment, locked dependencies.

Runs on the system's own Python, with the standard library alone. What is missing and cannot be installed is
named, with the command that would install it, before anything else is tried.
"""

import ctypes.util
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"demo": "requirements.lock.txt", "test": "requirements-dev.lock.txt"}


def has_library(name):
    return ctypes.util.find_library(name) is not None


def has_office_filter(module):
    """Does the LibreOffice that `soffice` starts have `module`, such as « impress »? Each brings a registry file of its own."""
    soffice = shutil.which("soffice")
    home = Path(soffice).resolve().parent.parent if soffice else None
    return home is not None and (home / f"share/registry/{module}.xcd").exists()


# Debian package: is what it brings there already?
RUNTIME_PACKAGES = {
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
    "libpango-1.0-0": lambda: has_library("pango-1.0"),
    "libpangoft2-1.0-0": lambda: has_library("pangoft2-1.0"),
    "libharfbuzz-subset0": lambda: has_library("harfbuzz-subset"),
}
TEST_PACKAGES = {
    "chromium": lambda: shutil.which("chromium") is not None,
    "curl": lambda: shutil.which("curl") is not None,  # of the shell example
    "libatomic1": lambda: has_library("atomic"),  # the Node.js inside Playwright, which drives chromium
    "poppler-utils": lambda: shutil.which("pdftotext") is not None,
    "libreoffice-calc-nogui": lambda: shutil.which("soffice") is not None,
    "libreoffice-impress-nogui": lambda: has_office_filter("impress"),
}
PACKAGES = {"demo": RUNTIME_PACKAGES, "test": RUNTIME_PACKAGES | TEST_PACKAGES}


def privileged(*command):
    """`command` as root: as it is, through sudo without a password, or None when neither is possible."""
    if os.geteuid() == 0:
        return list(command)
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return [sudo, "-n", "env", "DEBIAN_FRONTEND=noninteractive", *command]
    return None


def install_packages(target):
    missing = [name for name, present in PACKAGES[target].items() if not present()]
    if not missing:
        return
    by_hand = f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(missing)}"
    install = privileged("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing)
    if not shutil.which("apt-get") or install is None:
        sys.exit(f"These system packages are missing: {', '.join(missing)}.\nInstall them with:\n  {by_hand}")
    print(f"Installing system packages: {', '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (privileged("apt-get", "update", "-q"), install):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{done.stdout}{done.stderr}\nThat did not work. Install them with:\n  {by_hand}")
    still = [name for name in missing if not PACKAGES[target][name]()]
    if still:
        sys.exit(f"Installed, but still not found: {', '.join(still)}. Try:\n  {by_hand}")


def install_dependencies(target):
    """The locked dependencies, when the lock has changed since they were last installed."""
    lock = ROOT / LOCKS[target]
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f"installed-{target}"
    if stamp.exists() and stamp.read_text() == digest:
        return
    if not (VENV / "bin/pip").exists():  # one interrupted before pip is finished here
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    print(f"Installing the dependencies of {lock.name}", flush=True)
    pip = [str(VENV / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    done = subprocess.run([*pip, "--require-hashes", "-r", str(lock)])
    if done.returncode:
        sys.exit(f"The dependencies could not be installed. Again by hand:\n  {' '.join(pip)} -r {lock.name}")
    stamp.write_text(digest)


def main(target):
    if sys.version_info < (3, 11):  # noqa: UP036 (the system may have another)
        sys.exit(
            f"Python 3.11 or later is needed; this is {sys.version.split()[0]}. Say which: make PYTHON=python3.11"
        )
    install_packages(target)
    install_dependencies(target)


if __name__ == "__main__":
    main(sys.argv[1])
