"""A legal publication to test with: measures tied to a line of it, their readings, and a plan shared by two buyers."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

from indicators.models import Campaign, LegalCategory, Report
from reporting.editions.imprint import Imprint
from reporting.editions.legal_build import build_publication
from tests.factories import (
    BuyerFactory,
    LegalCategoryFactory,
    LegalFigureFactory,
    MeasureFactory,
    OrganisationFactory,
    ReadingFactory,
    ReportFactory,
    SchemeFactory,
    TargetFactory,
)

AT = datetime(2027, 3, 15, 9, 30, tzinfo=UTC)  # 10:30 in France
NAME = "climat-resilience-2025-2026"
ADDRESS = f"https://spaser.example/editions/armorique/{NAME}/1/"


def category(code):
    """A category of the law."""
    return LegalCategory.objects.get(organisation=None, code=code)


def tied(scheme, legal, basis="contracts", **fields):
    """A measure, a rate unless told otherwise, that follows the category of the law `legal` on `basis`."""
    place = {"indicator__action__objective__pillar__scheme": scheme}
    tie = {"legal_category": category(legal), "legal_basis": basis}
    return MeasureFactory(**place | tie | {"type": "ratio"} | fields)


def read(measure, year, *, status="validated", demonstration=False, **values):
    """The reading of a measure in the sheet of its action for `year`, which is made, and so is its campaign, if need be."""
    campaign, _ = Campaign.objects.get_or_create(
        scheme=measure.scheme, year=year, defaults={"demonstration": demonstration}
    )
    sheet = {"campaign": campaign, "action": measure.indicator.action}
    report = Report.objects.filter(**sheet).first() or ReportFactory(**sheet, **{status: True})
    return ReadingFactory(report=report, measure=measure, **values)


def publication(organisation):
    """That of 2025 and 2026, of the data as it is now."""
    imprint = Imprint(NAME, 1, AT, address=ADDRESS)
    return build_publication(
        organisation, years=(2025, 2026), title="Achats responsables 2025-2026", imprint=imprint
    )


def line(organisation, buyer, category, basis, year):
    """The line of a publication, by the codes of its buyer and category."""
    [found] = [
        row
        for table in publication(organisation).buyers
        if table.code == buyer
        for row in table.lines
        if (row.category_code, row.basis, row.year) == (category, basis, year)
    ]
    return found


class Shared:
    """A plan of two buyers, the town and the metropolis, over two schemes: 2022-2025, then 2026-2029."""

    def __init__(self):
        self.organisation = OrganisationFactory(slug="armorique", name="Armorique")
        self.town = BuyerFactory(
            organisation=self.organisation, code="VILLE", name="Ville", siret="21290019700014"
        )
        self.metropolis = BuyerFactory(organisation=self.organisation, code="METRO", name="Métropole")
        self.former, self.scheme = (
            SchemeFactory(
                organisation=self.organisation,
                slug=f"armorique-{first}",
                title=f"SPASER {first}-{last}",
                starts_year=first,
                ends_year=last,
            )
            for first, last in ((2022, 2025), (2026, 2029))
        )

    def line(self, buyer, category, basis, year):
        return line(self.organisation, buyer, category, basis, year)

    def fill(self):
        """A line of each sort, all of the town: five of measures, one given by hand, two that say why they are not followed."""
        LegalCategoryFactory(
            organisation=self.organisation, code="petites-entreprises", name="Achats aux petites entreprises"
        )
        self._rates()
        self._half_known()
        self._given()
        return self

    def _rates(self):
        """Contracts of the social category: 30 % in 2025 by the former scheme, 28,125 % in 2026."""
        of_the_town = {
            "buyer": self.town,
            "perimeter": "Marchés notifiés dans l’année, hors marchés subséquents",
        }
        before = tied(self.former, "social", code="SOC-2022", **of_the_town)
        read(before, 2025, numerator=48, denominator=160, unfilled=0)
        TargetFactory(measure=before, value=30, year=2025)
        now = tied(self.scheme, "social", code="SOC-2026", threshold=40_000, **of_the_town)
        read(
            now,
            2026,
            numerator=63,
            denominator=224,
            unfilled=8,
            source="Logiciel des marchés",
            as_of=date(2027, 2, 1),
        )
        TargetFactory(measure=now, value=30, year=2028)

    def _half_known(self):
        """In 2026: a percentage without terms and not validated, a count without rate, a value that is missing."""
        percent = tied(self.scheme, "social", "value", type="percent", code="SOC-V", buyer=self.town)
        read(percent, 2026, number=D("12.5"), decimals=1, status="submitted")
        count = tied(self.scheme, "environnemental", type="count", code="ENV", buyer=self.town)
        read(count, 2026, number=57)
        missing = tied(self.scheme, "environnemental", "value", code="ENV-V", buyer=self.town)
        read(missing, 2026, missing="not_available", missing_note="le logiciel ne la compte pas")

    def _given(self):
        """Of the solidarity enterprises: euros of 2026 by hand, and no contracts, with the reason."""
        given = {"buyer": self.town, "category": category("esus")}
        LegalFigureFactory(
            **given,
            basis="value",
            year=2026,
            numerator=D("125000.50"),
            denominator=2_500_000,
            unfilled=0,
            target=10,
            target_year=2028,
            source="=Tableur de la direction",
        )
        for year in (2025, 2026):
            LegalFigureFactory(
                **given,
                year=year,
                numerator=None,
                denominator=None,
                not_followed="Les données du registre ne disent pas quelle entreprise est agréée.",
            )
