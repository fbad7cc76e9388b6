"""The annual bilan as one frozen structure: made once from the database, then only printed.

PDF, workbook and page print the same `Bilan`, so they cannot disagree. It holds plain values (texts, numbers, dates),
no model, and turns into JSON with `as_json`.
"""

import dataclasses
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from actions.models import Action, InvolvementRole, Nature
from indicators import calculations
from indicators.models import (
    ActionState,
    Campaign,
    Computation,
    Indicator,
    Measure,
    MeasureType,
    Period,
    Report,
    ReportStatus,
)
from indicators.rules import valid_in
from indicators.series import Series, expected_and_filled, full_series


@dataclass(frozen=True)
class Cell:
    """What one measure or figure is worth in one year: as printed, and as a number where it is one."""

    text: str
    number: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    decimals: int = 0
    missing: str = ""
    comment: str = ""
    as_of: date | None = None
    status: str = ""
    computed: bool = False

    @property
    def is_number(self):
        return self.number is not None


NOT_FILLED = Cell("non renseigné", missing="not_filled")
NOTHING = Cell("—", missing="nothing")  # no report that year, or nothing to compute from


@dataclass(frozen=True)
class Row:
    """One measure, or one figure that answers no indicator: its label, its unit, a Cell for each of the years."""

    code: str
    label: str
    unit: str
    type: str
    cells: tuple[Cell, ...]
    evolution: str = ""
    evolution_number: Decimal | None = None
    evolution_in_points: bool = False
    targets: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Table:
    """The rows of one indicator, or of one table of other figures."""

    code: str
    title: str
    kind: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    refers_to: str = ""  # the sheet where a line that only points elsewhere is filled in

    @property
    def has_evolution(self):
        return any(row.evolution for row in self.rows)


@dataclass(frozen=True)
class Sheet:
    """One action of the bilan, with the sections of its report."""

    code: str
    heading: str
    title: str
    pillar: str
    objective: str
    pilots: tuple[str, ...]
    supports: tuple[str, ...]
    state: str
    status: str
    purpose: str
    realisation: str
    effectiveness: str
    analysis: str
    outlook: str
    indicators: tuple[Table, ...]
    figures: tuple[Table, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class PillarCount:
    """How many actions of a pillar are engaged, of those that the bilan holds."""

    heading: str
    title: str
    engaged: int
    actions: int


@dataclass(frozen=True)
class Zoom:
    action: str
    title: str
    text: str


@dataclass(frozen=True)
class Passage:
    heading: str
    text: str


@dataclass(frozen=True)
class Bilan:
    """The annual bilan of one scheme. `years` are those side by side, the bilan's own last."""

    organisation: str
    scheme: str
    slug: str
    year: int
    years: tuple[int, ...]
    pillar_label: str
    action_label: str
    pilot_label: str
    support_label: str
    purpose_label: str
    engaged: int
    total: int
    declared: bool
    pillars: tuple[PillarCount, ...]
    states: tuple[tuple[str, int], ...]
    expected: int
    filled: int
    unvalidated: int
    synthesis: str
    passages: tuple[Passage, ...]
    zooms: tuple[Zoom, ...]
    sheets: tuple[Sheet, ...]

    @property
    def completeness(self):
        return calculations.completeness(self.filled, self.expected)

    @property
    def missing(self):
        """The values of the bilan's year that are missing: (heading of the action, label, reason)."""
        return [
            (sheet.heading, row.label, row.cells[-1].text)
            for sheet in self.sheets
            for table in sheet.indicators
            for row in table.rows
            if row.cells[-1].missing
        ]

    @property
    def notes(self):
        """What stands in the way of a plain reading: (heading of the action, note), in the order of the sheets."""
        return [
            (sheet.heading, note)
            for sheet in self.sheets
            for note in (*sheet.notes, *(note for table in sheet.indicators for note in table.notes))
        ]

    def as_json(self):
        """The whole as plain JSON values; Decimals become strings, so that none loses a digit."""
        return _plain(dataclasses.asdict(self))


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


class NoCampaign(Exception):
    """The scheme has no campaign for the year asked."""


def build_bilan(scheme, *, year):
    """The Bilan of `scheme` for `year`, beside the year before when there is a campaign for it.

    A constant number of queries. Raises NoCampaign when the scheme has no campaign for that year.
    """
    campaigns = {
        campaign.year: campaign
        for campaign in scheme.campaigns.filter(year__in=(year - 1, year), period=Period.YEAR)
    }
    if year not in campaigns:
        raise NoCampaign(year)
    return _Builder(scheme, campaigns[year], tuple(sorted(campaigns))).build()


class _Builder:
    def __init__(self, scheme, campaign: Campaign, years):
        self.scheme, self.campaign, self.years, self.year = scheme, campaign, years, campaign.year
        self.actions = [
            action
            for action in Action.objects.filter(scheme=scheme)
            .select_related("scheme", "objective__scheme", "objective__pillar__scheme", "parent__scheme")
            .prefetch_related("involvements__direction")
            if valid_in(action, self.year)
        ]
        self.actions.sort(key=_plan_order)
        self.reports = {
            (report.action_id, report.campaign.year): report
            for report in Report.objects.filter(
                campaign__scheme=scheme, campaign__year__in=years, campaign__period=Period.YEAR
            )
            .select_related("campaign")
            .prefetch_related("extra_figures")
        }
        self.indicators = defaultdict(list)
        indicators = Indicator.objects.filter(scheme=scheme).select_related(
            "refers_to__scheme", "refers_to__parent"
        )
        for indicator in indicators.order_by("position", "pk"):
            if valid_in(indicator, self.year):
                self.indicators[indicator.action_id].append(indicator)
        self.measures = defaultdict(list)
        measures = (
            Measure.objects.filter(scheme=scheme).prefetch_related("targets").order_by("position", "pk")
        )
        self.series: Series = full_series(measures)
        for measure in self.series.measures.values():
            if valid_in(measure, self.year):
                self.measures[measure.indicator_id].append(measure)

    def build(self):
        scheme, campaign = self.scheme, self.campaign
        states = self._states()
        counted = [
            action for action in self.actions if action.parent_id is None and action.nature == Nature.ACTION
        ]
        engaged = [action for action in counted if calculations.is_engaged(states[action.pk])]
        declared = max(scheme.declared_actions or 0, len(counted))
        tally = calculations.count_states(states[action.pk] for action in counted)
        expected, filled = self._completeness()
        return Bilan(
            organisation=scheme.organisation.name,
            scheme=scheme.title,
            slug=scheme.slug,
            year=self.year,
            years=self.years,
            pillar_label=scheme.pillar_label,
            action_label=scheme.action_label,
            pilot_label=scheme.pilot_label,
            support_label=scheme.support_label,
            purpose_label=scheme.purpose_label,
            engaged=len(engaged),
            total=declared,
            declared=declared > len(counted),
            pillars=self._pillar_counts(counted, engaged),
            states=tuple((state.label, tally[state.value]) for state in ActionState if tally[state.value]),
            expected=expected,
            filled=filled,
            unvalidated=sum(
                report.status != ReportStatus.VALIDATED
                for (_, year), report in self.reports.items()
                if year == self.year
            ),
            synthesis=campaign.synthesis,
            passages=tuple(Passage(p.heading, p.text) for p in campaign.passages.all()),
            zooms=tuple(
                Zoom(zoom.action.heading, zoom.title or zoom.action.title, zoom.text)
                for zoom in campaign.highlights.select_related("action__scheme", "action__parent")
            ),
            sheets=tuple(self._sheet(action, states) for action in self.actions if self._has_sheet(action)),
        )

    def _has_sheet(self, action):
        return (action.pk, self.year) in self.reports or any(
            part.parent_id == action.pk for part in self.actions
        )

    def _states(self):
        """The state of each action this year; that of an action with parts follows from its parts."""
        own = {
            action.pk: report.state if (report := self.reports.get((action.pk, self.year))) else ""
            for action in self.actions
        }
        parts = defaultdict(list)
        for action in self.actions:
            if action.parent_id:
                parts[action.parent_id].append(own[action.pk])
        return own | {pk: calculations.state_of_parts(states) for pk, states in parts.items()}

    def _pillar_counts(self, counted, engaged):
        totals, started, pillars = defaultdict(int), defaultdict(int), {}
        for action in counted:
            pillar = action.objective.pillar
            pillars[pillar.pk] = pillar
            totals[pillar.pk] += 1
        for action in engaged:
            started[action.objective.pillar_id] += 1
        return tuple(
            PillarCount(pillar.heading, pillar.title, started[pk], totals[pk])
            for pk, pillar in pillars.items()
        )

    def _completeness(self):
        measures = [
            m for action in self.actions for i in self.indicators[action.pk] for m in self.measures[i.pk]
        ]
        values = {measure.pk: self.series.value(measure, self.year) for measure in measures}
        return expected_and_filled(measures, values)

    def _sheet(self, action, states):
        report = self.reports.get((action.pk, self.year))
        objective = action.objective
        involved = defaultdict(list)
        for involvement in action.involvements.all():
            involved[involvement.role].append(involvement.direction.name)
        state = states[action.pk]
        return Sheet(
            code=action.code,
            heading=action.heading,
            title=action.title,
            pillar=str(objective.pillar) if objective else "",
            objective=str(objective) if objective and objective.title else "",
            pilots=tuple(involved[InvolvementRole.PILOT]),
            supports=tuple(involved[InvolvementRole.SUPPORT]),
            state=ActionState(state).label if state else "",
            status=report.status if report else "",
            purpose=action.purpose,
            **{name: getattr(report, name, "") for name in Report.SECTIONS},
            indicators=tuple(self._indicator(indicator) for indicator in self.indicators[action.pk]),
            figures=self._figures(action),
            notes=_notes(report) if report else (),
        )

    def _indicator(self, indicator):
        refers_to = indicator.refers_to
        return Table(
            code=indicator.code,
            title=indicator.name,
            kind=indicator.get_kind_display() if indicator.kind else "",
            rows=tuple(self._row(measure, indicator) for measure in self._printed(indicator)),
            notes=_notes(indicator),
            refers_to=str(refers_to) if refers_to else "",
        )

    def _printed(self, indicator):
        """The measures that have a row: an evolution whose source stands beside it is that row's last column."""
        measures = self.measures[indicator.pk]
        beside = {measure.pk for measure in measures}
        for measure in measures:
            sources = [link.source_id for link in measure.source_links.all()]
            if measure.computation != Computation.EVOLUTION or not beside.intersection(sources):
                yield measure

    def _row(self, measure, indicator):
        evolution = None
        if measure.computation != Computation.EVOLUTION:
            evolution = self.series.evolution(measure, self.year)
        return Row(
            code=measure.code,
            label=measure.label,
            unit=measure.unit,
            type=measure.type,
            cells=tuple(self._cell(measure, indicator, year) for year in self.years),
            evolution=evolution.display if evolution else "",
            evolution_number=evolution.number if evolution else None,
            evolution_in_points=bool(evolution and evolution.points),
            targets=tuple(target.words for target in measure.targets.all()),
        )

    def _cell(self, measure, indicator, year):
        value = self.series.value(measure, year)
        if value:
            return _cell(value)
        reported = (indicator.action_id, year) in self.reports
        return NOT_FILLED if reported and not measure.is_computed else NOTHING

    def _figures(self, action):
        """The other figures of the years, paired by heading and label, one table a heading."""
        tables = {}
        for year in self.years:
            report = self.reports.get((action.pk, year))
            for figure in report.extra_figures.all() if report else ():
                rows = tables.setdefault(figure.heading, {})
                rows.setdefault(figure.label, (figure, {}))[1][year] = _figure_cell(figure)
        return tuple(
            Table(
                code="",
                title=heading,
                kind="",
                rows=tuple(
                    Row(
                        code="",
                        label=label,
                        unit=figure.unit,
                        type=MeasureType.QUANTITY,
                        cells=tuple(cells.get(year, NOTHING) for year in self.years),
                        note=figure.note,
                    )
                    for label, (figure, cells) in rows.items()
                ),
            )
            for heading, rows in tables.items()
        )


def _plan_order(action):
    """Pillar, objective, action, part; sheets outside the pillars come last."""
    objective = action.objective
    above = (0, objective.pillar.position, objective.position) if objective else (1, 0, 0)
    own = (action.parent.position, 1 + action.position) if action.parent else (action.position, 0)
    return (*above, *own, action.pk)


def _cell(value):
    return Cell(
        text=value.display,
        number=value.number,
        numerator=value.numerator,
        denominator=value.denominator,
        decimals=value.shown_decimals,
        missing=value.missing,
        comment=value.comment,
        as_of=value.as_of,
        status=value.status,
        computed=value.computed,
    )


def _figure_cell(figure):
    return Cell(text=figure.display, number=figure.value, decimals=figure.decimals)


def _notes(*objects):
    return tuple(obj.source_note for obj in objects if obj.source_note)
