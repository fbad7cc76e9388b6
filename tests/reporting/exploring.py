"""What the tests of the explorer, its files and the comparison share: reading a page's table, and a small scheme by hand."""

import re
from html import unescape
from types import SimpleNamespace

from tests import factories as make


def plain(text):
    """Typographic spaces as ordinary ones, to compare with what a person types."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", unescape(re.sub(r"<[^>]+>", " ", text))).strip()


def codes(response):
    """The codes of the lines of a page, in order."""
    return re.findall(r'<td class="code" data-label="Code">([^<]*)</td>', response.content.decode())


def line_of(response, code):
    """{label of the column: text} of the line of `code`."""
    html = response.content.decode()
    start = html.index(f'data-label="Code">{code}</td>')
    row = html[start : html.index("</tr>", start)]
    return {
        label: plain(text)
        for label, text in re.findall(r'data-label="([^"]+)"[^>]*>(.*?)</td>', row, flags=re.S)
    }


def errors(response):
    """{field: its errors} of the filters."""
    view = response.context.get("view") or response.context["comparison"]
    return {name: [plain(text) for text in found] for name, found in view.filter.form.errors.items()}


def small_scheme(organisation):
    """Two pillars, three sheets, years 2025 (reference) and 2026, one measure of each sort; each value is in its test."""
    scheme = make.SchemeFactory(
        organisation=organisation, slug="petit", pillar_label="Axe", starts_year=2025, ends_year=2028
    )
    sheets = {}
    for rank, (pillar, actions) in enumerate((("P1", ("A2", "A10")), ("P2", ("B1",)))):
        objective = make.ObjectiveFactory(
            pillar__scheme=scheme,
            pillar__code=pillar,
            pillar__title=f"Axe {pillar}",
            pillar__position=rank,
            code=f"O-{pillar}",
        )
        for position, code in enumerate(actions):
            sheets[code] = make.ActionFactory(
                objective=objective, code=code, title=f"Fiche {code}", position=position
            )
    pilot = make.DirectionFactory(organisation=organisation, code="DMG", name="Moyens généraux")
    support = make.DirectionFactory(organisation=organisation, code="DAS", name="Solidarités")
    make.InvolvementFactory(action=sheets["A2"], direction=pilot)
    make.InvolvementFactory(action=sheets["A10"], direction=support, role="support")
    category = make.LegalCategoryFactory(
        organisation=organisation, code="SOCIAL", name="Considération sociale"
    )

    def measure(action, code, name, **fields):
        return make.MeasureFactory(
            indicator__action=sheets[action],
            indicator__code=f"I-{code}",
            indicator__name=name,
            code=code,
            **fields,
        )

    measures = {
        "repas": measure("A2", "A2-1", "Repas végétariens servis à l’école", unit="repas", sense="up"),
        "papier": measure("A2", "A2-2", "Papier acheté", type="quantity", unit="tonne", sense="down"),
        "taux": measure(
            "A10",
            "A10-1",
            "Marchés à clause",
            type="ratio",
            sense="up",
            legal_category=category,
            legal_basis="contracts",
        ),
        "euros": measure("A10", "A10-2", "Montant des dons", type="amount"),
        "guide": measure("B1", "B1-1", "Guide écrit", type="boolean"),
        "vide": measure("B1", "B1-2", "Heures de formation", unit="heure"),
    }
    make.TargetFactory(
        measure=measures["repas"], code="C1", comparison="at_least", value=200, year=2028, baseline_from=2025
    )
    make.TargetFactory(measure=measures["papier"], code="C2", comparison="at_most", value=5, each_year=True)
    repeats = make.IndicatorFactory(
        action=sheets["B1"], code="I-B1-3", name="Repas, encore", duplicate_of=measures["repas"].indicator
    )
    before = make.CampaignFactory(scheme=scheme, year=2025, kind="reference")
    now = make.CampaignFactory(scheme=scheme, year=2026)
    for campaign in (before, now):
        for action in sheets.values():
            make.ReportFactory(campaign=campaign, action=action, validated=True)
    values = {  # measure: 2025, 2026
        "repas": ({"number": 100}, {"number": 150, "qualifier": "environ"}),
        "papier": ({"number": 10, "decimals": 1}, {"number": "8.5", "decimals": 1, "comment": "=1+1"}),
        "taux": ({"numerator": 1, "denominator": 3}, {"numerator": 3, "denominator": 4}),
        "euros": (None, {"missing": "not_available", "missing_note": "comptes non arrêtés"}),
        "guide": ({"boolean": False}, {"boolean": True}),
    }
    for name, of_years in values.items():
        for campaign, value in zip((before, now), of_years, strict=True):
            if value:
                report = campaign.reports.get(action=measures[name].indicator.action)
                make.ReadingFactory(report=report, measure=measures[name], **value)
    return SimpleNamespace(
        scheme=scheme,
        sheets=sheets,
        measures=measures,
        repeats=repeats,
        before=before,
        now=now,
        category=category,
    )
