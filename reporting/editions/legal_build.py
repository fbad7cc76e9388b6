"""Makes the legal Publication from the database, in a constant number of queries.

A line is that of the measure which is tied to its category, basis and buyer, in whichever scheme covers its year; failing that, of
the figure that the steering team gave; failing both it is not followed, and says so. Nothing is guessed: in a plan shared by
several buyers, a measure that names none is nobody's.
"""

from collections import defaultdict
from decimal import Decimal
from functools import cached_property

from django.db.models import Prefetch, Q

from actions.models import Buyer
from indicators import calculations
from indicators.law import CATEGORIES
from indicators.models import (
    Campaign,
    Comparison,
    Computation,
    LegalBasis,
    LegalCategory,
    Measure,
    MeasureType,
    Missing,
    Period,
    ReportStatus,
    Target,
)
from indicators.outcomes import deadline, main_result, result_of
from indicators.rules import in_force
from indicators.series import full_series
from reporting.editions.legal import (
    FOLLOWED,
    NOT_FILLED,
    NOT_FOLLOWED,
    BuyerTable,
    LegalLine,
    Publication,
)
from reporting.models import LegalFigure
from spaser.french import format_date

UNITS = {LegalBasis.CONTRACTS: "contrats", LegalBasis.VALUE: "€ HT"}
RATES = (MeasureType.RATIO, MeasureType.PERCENT)
LAW = [code for code, _ in CATEGORIES]
COMPARED = (Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.EQUAL)  # to one number


def build_publication(organisation, *, years, title, imprint, foreword=None, foreword_author=""):
    """The Publication of `organisation` for `years` (two that follow each other), with all its buyers."""
    sources = LegalSources(organisation, years)
    tables = sources.tables()
    return Publication(
        imprint=imprint,
        organisation=organisation.name,
        title=title,
        years=tuple(years),
        schemes=tuple(scheme.title for scheme in sources.schemes),
        buyers=tables,
        foreword=foreword,
        foreword_author=foreword_author,
        invented=tuple(
            year
            for year in years
            if any(line.invented and line.year == year for table in tables for line in table.lines)
        ),
    )


class LegalSources:
    """Where each line of the publication of `organisation` comes from. A line is known by (buyer, category, basis, year)."""

    def __init__(self, organisation, years):
        self.organisation, self.years = organisation, tuple(years)
        alone = Buyer(organisation=organisation, code=organisation.slug, name=organisation.name)
        self.buyers = list(organisation.buyers.all()) or [alone]  # who records none buys alone
        self.campaigns = set(
            Campaign.objects.filter(
                scheme__organisation=organisation, year__in=self.years, period=Period.YEAR
            ).values_list("scheme", "year")
        )
        self.series = full_series(
            Measure.objects.filter(scheme__organisation=organisation, legal_category__isnull=False)
            .select_related("indicator__action__scheme", "indicator__scheme")
            .prefetch_related(Prefetch("targets", Target.objects.select_related("scheme")))
            .order_by("scheme", "indicator__position", "position", "pk")
        )
        figures = LegalFigure.objects.filter(buyer__organisation=organisation, year__in=self.years)
        self.figures = {
            (figure.buyer_id, figure.category_id, figure.basis, figure.year): figure
            for figure in figures.select_related("changed_by")
        }

    @cached_property
    def categories(self):
        """Those of the law first, then what else is common to all, then the organisation's own."""
        offered = Q(organisation=None) | Q(organisation=self.organisation)
        return sorted(
            LegalCategory.objects.filter(offered),
            key=lambda row: (
                row.organisation_id is not None,
                row.code not in LAW,
                row.position,
                row.code,
            ),
        )

    @cached_property
    def schemes(self):
        """Those that cover one of the years, in the order of time."""
        schemes = self.organisation.schemes.order_by("starts_year", "pk")
        return [scheme for scheme in schemes if any(self._covers(scheme, year) for year in self.years)]

    @property
    def is_shared(self):
        return len(self.buyers) > 1

    @cached_property
    def unassigned(self):
        """The measures tied to a category that, in a shared plan, name no buyer."""
        return [
            measure
            for measure in self.series.asked
            if self.is_shared
            and measure.buyer_id is None
            and any(self._follows(measure, year) for year in self.years)
        ]

    @cached_property
    def claims(self):
        """{line: [the measures that follow it, the one that counts first]}."""
        found = defaultdict(list)
        for measure in self.series.asked:
            buyer = measure.buyer_id
            if buyer is None and not self.is_shared:
                buyer = self.buyers[0].pk
            for year in self.years:
                if (measure.buyer_id or not self.is_shared) and self._follows(measure, year):
                    found[buyer, measure.legal_category_id, measure.legal_basis, year].append(measure)
        for (*_, year), measures in found.items():
            measures.sort(key=lambda measure: self._rank(measure, year), reverse=True)
        return found

    def _rank(self, measure, year):
        """Of measures of two schemes: one that has a value, then that of the scheme whose years these are, then the latest."""
        scheme = measure.scheme
        return self._known(measure, year), self._in_period(scheme, year), scheme.starts_year or 0

    def _follows(self, measure, year):
        return self._known(measure, year) or (self._covers(measure.scheme, year) and in_force(measure, year))

    def _known(self, measure, year):
        value = self.series.value(measure, year)
        return bool(value and value.is_known)

    def _covers(self, scheme, year):
        return self._in_period(scheme, year) or (scheme.pk, year) in self.campaigns

    @staticmethod
    def _in_period(scheme, year):
        return (scheme.starts_year or year) <= year <= (scheme.ends_year or year)

    def measure_of(self, buyer, category, basis, year):
        """The measure that follows this line, or None."""
        return next(iter(self.claims.get((buyer.pk, category.pk, basis, year), ())), None)

    def figure_of(self, buyer, category, basis, year):
        """The LegalFigure given for this line, or None; it counts where no measure follows the line."""
        return self.figures.get((buyer.pk, category.pk, basis, year))

    def tables(self):
        """A BuyerTable for each buyer."""
        return tuple(
            BuyerTable(
                code=buyer.code,
                name=buyer.name,
                siret=buyer.siret,
                lines=tuple(
                    self.line(buyer, category, basis, year)
                    for category in self.categories
                    for basis in LegalBasis
                    for year in self.years
                ),
            )
            for buyer in self.buyers
        )

    def line(self, buyer, category, basis, year):
        """The LegalLine of a buyer, category, basis and year."""
        key = buyer, category, basis, year
        measure, figure = self.measure_of(*key), self.figure_of(*key)
        if measure:
            known = self._of_measure(measure, basis, year)
        else:
            known = _of_figure(figure) if figure else {"status": NOT_FOLLOWED}
        known["gap"] = _difference(known.get("rate"), known.get("target"))
        known["unfilled_share"] = calculations.rate(known.get("unfilled"), known.get("denominator"))
        return LegalLine(
            category_code=category.code,
            category=category.name,
            basis=basis.value,
            basis_label=basis.label,
            unit=UNITS[basis],
            year=year,
            **known,
        )

    def _of_measure(self, measure, basis, year):
        values = self._values(measure, year)
        value, numerator, denominator, rate = self._terms(measure, year)
        filled = numerator is not None or rate is not None
        statuses = [value.status for value in values]
        known = {
            "status": FOLLOWED if filled else NOT_FILLED,
            "numerator": numerator,
            "denominator": denominator,
            "rate": rate,
            "perimeter": measure.perimeter,
            "threshold": measure.threshold,
            "measure": measure.code,
            **self._target(measure, year),
        }
        if not filled:
            return known | {"reason": self._why_missing(measure, value, year)}
        unfilled = next((value.unfilled for value in values if value.unfilled is not None), None)
        comments = [*map(_approximate, values), *(value.comment for value in values)]
        if (
            basis == LegalBasis.VALUE and unfilled is not None
        ):  # which readings count in contracts, never in euros
            comments.append(f"Contrats non renseignés : {unfilled}.")
            unfilled = None
        dates = {value.as_of for value in values if value.as_of}
        if len(dates) > 1:
            comments.append(
                f"Données extraites à des dates différentes, du {format_date(min(dates))} au {format_date(max(dates))}."
            )
        return known | {
            "unfilled": None if unfilled is None else Decimal(unfilled),
            "source": _together((value.source for value in values), " ; "),
            "extracted_on": max(dates, default=None),
            "comment": _together(comments, " "),
            "validated": calculations.weakest(statuses) == ReportStatus.VALIDATED,
            "invented": any(value.demonstration for value in values),
        }

    def _values(self, measure, year):
        """The Values that make that of `measure`: its own, and those of its sources down to what is entered."""
        value = self.series.value(measure, year)
        if not measure.is_computed:
            return [value] if value else []
        below = [link.source for link in self.series.measures[measure.pk].source_links.all()]
        found = [row for source in below for row in self._values(self.series.measures[source.pk], year)]
        return found or ([value] if value else [])  # it may be that of the measure which it prolongs

    def _terms(self, measure, year):
        """(its Value or None, numerator, denominator, rate), each None when it is not known."""
        value = self.series.value(measure, year)
        if measure.type != MeasureType.RATIO:
            number = value.number if value else None
            return (value, None, None, number) if measure.type in RATES else (value, number, None, None)
        if value is None and measure.computation == Computation.RATIO:
            terms = [self.series.value(link.source, year) for link in measure.source_links.all()]
            numbers = [term.number if term else None for term in terms]
        else:
            numbers = [value.numerator, value.denominator] if value else []
        if len(numbers) != 2 or None in numbers:
            return value, None, None, None
        return value, *numbers, calculations.rate(*numbers)

    def _why_missing(self, measure, value, year):
        if value and value.missing:
            return value.missing_note or Missing(value.missing).label
        sources = [link.source for link in measure.source_links.all()]
        lacking = [row for row in sources if not self._known(row, year)]
        return f"il manque {' et '.join(row.code for row in lacking)}" if lacking else ""

    def _target(self, measure, year):
        """The target that counts in `year`; in per cent of the same rate where it is compared to one number."""
        results = [result_of(target, self.series, year) for target in measure.targets.all()]
        result = main_result(results, year)
        if result is None:
            return {}
        target = result.target
        of_the_rate = measure.type in RATES and target.comparison in COMPARED and not target.relative
        return {
            "target": target.value if of_the_rate else None,
            "target_words": str(target),
            "target_year": deadline(target, year),
        }


def _of_figure(figure):
    """What the steering team gave, or why the line is not followed."""
    if figure.numerator is None:
        status = NOT_FOLLOWED if figure.not_followed or figure.denominator is None else NOT_FILLED
    else:
        status = FOLLOWED
    return {
        "status": status,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "rate": calculations.rate(figure.numerator, figure.denominator),
        "target": figure.target,
        "target_year": figure.target_year,
        "unfilled": figure.unfilled,
        "perimeter": figure.perimeter,
        "threshold": figure.threshold,
        "source": figure.source,
        "extracted_on": figure.extracted_on,
        "reason": figure.not_followed,
        "invented": figure.demonstration,
    }


def _difference(rate, target):
    return None if rate is None or target is None else rate - target


def _approximate(value):
    return f"Valeur approchée : « {value.qualifier} »." if value.qualifier else ""


def _together(texts, between):
    """Each text once, in order."""
    return between.join(dict.fromkeys(filter(None, texts)))
