"""A browser window that remembers what went wrong in it."""

from pathlib import Path

AXE = Path(__file__).parent.parent / "vendor" / "axe" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PASSWORD = "une phrase assez longue"


class Window:
    """A page and its faults: console errors, refused contents, requests elsewhere, answers that are errors."""

    def __init__(self, page, base):
        self.page, self.base, self.faults = page, base, []
        page.on("console", lambda message: self.note(message.type in ("error", "warning"), message.text))
        page.on("pageerror", lambda error: self.note(True, str(error)))
        page.on("request", lambda request: self.note(not request.url.startswith(base), request.url))
        page.on(
            "response",
            lambda response: self.note(response.status >= 400, f"{response.status} {response.url}"),
        )

    def note(self, wrong, what):
        if wrong:
            self.faults.append(what)

    def open(self, path):
        self.page.goto(self.base + path)

    def log_in(self, email, password=PASSWORD):
        self.open("/connexion/")
        self.page.get_by_label("Adresse électronique").fill(email)
        self.page.get_by_label("Mot de passe").fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/connexion/" not in url)

    def violations(self):
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        return [
            (violation["id"], node["html"][:120], node["failureSummary"])
            for violation in result["violations"]
            for node in violation["nodes"]
        ]

    def overflow(self):
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
