"""Where the tests' browser is; ``python -m tests.browser.chromium`` installs one if need be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The switches keep the browser from calling home, which a test machine may not be able to do.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed() -> str | None:
    """The browser named by CHROMIUM, or an installed one; None where Playwright must have it."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    return next((path for name in NAMES if (path := _working(name))), None)


def _working(name: str) -> str | None:
    """Its path, if it starts: Ubuntu's package of that name may be but a pointer to a snap."""
    path = shutil.which(name)
    if path is None:
        return None
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return path if answer.returncode == 0 else None


def install() -> None:
    """Debian's package where we may, else the browser that Playwright brings."""
    if installed() or _playwrights_own_is_there():
        return
    root: list[str] | None = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if root and subprocess.run(["sh", "-c", "sudo -n true"], capture_output=True).returncode:
        root = None
    if root is not None and shutil.which("apt-get"):
        print("Installing Debian's package chromium for the tests in a browser ...")
        get = [*root, "apt-get", "-qq"]
        subprocess.run([*get, "update"], check=False)
        subprocess.run(
            [*get, "install", "--yes", "--no-install-recommends", "chromium"],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if installed():
            return
    print("Fetching Playwright's Chromium for the tests in a browser ...")
    more = ["--with-deps"] if root is not None and sys.platform == "linux" else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *more, "chromium"], check=True)


def _playwrights_own_is_there() -> bool:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


if __name__ == "__main__":
    install()
