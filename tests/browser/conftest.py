"""The browser that the tests share, and the windows that they open in it."""

import os

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.window import Window


@pytest.fixture(scope="session")
def chromium():
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's own event loop runs in this thread
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, live_server):
    """A function that opens a browser window of some width and colour scheme, each with cookies of its own."""
    contexts = []

    def open_window(*, width=1440, colours="light", **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=colours, locale="fr-FR", **options
        )
        contexts.append(context)
        return Window(context.new_page(), live_server.url)

    yield open_window
    for context in contexts:
        context.close()
