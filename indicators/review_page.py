"""What a reviewer reads of a sheet: each line beside its former years, targets and warnings; the narrative beside last year's."""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q

from actions.admin_scope import document_order
from indicators.entry.lines import readings_of
from indicators.entry.plausibility import warnings_of
from indicators.models import (
    ActionState,
    Campaign,
    Evidence,
    Measure,
    Reading,
    Remark,
    Report,
    ReportStatus,
    StepState,
)
from indicators.perms import Act, may_validate_own, place_of, refusal
from indicators.progress import progress_of
from indicators.review import OWN
from indicators.rules import in_force
from indicators.series import Series, series_for
from indicators.tables import MeasureRow, column_of, columns_of, measure_rows

YEARS_BEFORE = 2
SECTIONS = ("state", *Report.SECTIONS)


@dataclass(frozen=True)
class Line:
    """One measure as it is reviewed. `row`: its values over the years, of which the last cell is this year's."""

    row: MeasureRow
    reading: Reading | None
    warnings: list
    remarks: list
    evidence: list

    @property
    def measure(self):
        return self.row.measure

    @property
    def before(self):
        return self.row.cells[:-1]

    @property
    def now(self):
        return self.row.cells[-1]


class Passage(NamedTuple):
    """A section of the sheet, this year's text beside the former one."""

    label: str
    now: str
    before: str


def measures_of(reports):
    """The measures of the actions of `reports`, entered and computed, in the plan's order."""
    return (
        Measure.objects.filter(indicator__action__in=[report.action_id for report in reports])
        .select_related("indicator__action", "item")
        .order_by("indicator__position", "indicator__pk", "position", "pk")
    )


@dataclass(frozen=True)
class Values:
    """The measures in force of some reports of one campaign, and all their values."""

    campaign: Campaign
    by_action: dict
    series: Series

    @classmethod
    def of(cls, user, reports, measures):
        campaign = reports[0].campaign
        series, by_action = series_for(user, measures), defaultdict(list)
        for measure in series.asked:
            if in_force(measure, campaign.year):
                by_action[measure.indicator.action_id].append(measure)
        return cls(campaign, by_action, series)

    def warnings(self, report):
        measures = self.by_action[report.action_id]
        return warnings_of(measures, self.series, self.campaign.year, self.campaign.period)


def summaries(user, reports):
    """[(report, Progress, [(measure, sentence)] of what surprises)] of reports of one campaign; constant queries."""
    values, progress, found = Values.of(user, reports, measures_of(reports)), progress_of(reports), []
    for report in reports:
        measures = {measure.pk: measure for measure in values.by_action[report.action_id]}
        warnings = [
            (measures[pk], sentence)
            for pk, sentences in values.warnings(report).items()
            for sentence in sentences
        ]
        found.append((report, progress[report.pk], warnings))
    return found


def review_columns(campaign):
    """The columns of a review: the campaigns of the two years before up to this one, the year before always among them."""
    wanted = {
        (column.year, column.period): column
        for column in columns_of(campaign.scheme)
        if campaign.year - YEARS_BEFORE <= column.year <= campaign.year
    }
    for year in (
        campaign.year - 1,
        campaign.year,
    ):  # the scheme may be in its first year, and prolong another
        when = Campaign(year=year, period=campaign.period)
        wanted.setdefault((year, campaign.period), column_of(when))
    order = sorted(wanted, key=lambda when: (when[0], when[1] != "half"))
    return [wanted[when] for when in order[: order.index((campaign.year, campaign.period)) + 1]]


def review_context(user, report, on):
    """All that the review page of `report` shows but its form; constant queries."""
    values = Values.of(user, [report], measures_of([report]).prefetch_related("targets__measure"))
    columns, former = review_columns(report.campaign), former_report(user, report)
    remarks = Remark.objects.visible_to(user).filter(report=report).select_related("author")
    remarks = list(remarks.order_by("written_at", "pk"))
    evidence = list(Evidence.objects.visible_to(user).filter(report=report).select_related("added_by"))
    lines = review_lines(report, values, columns, remarks, evidence)
    return {
        "lines": lines,
        "columns": columns,
        "progress": progress_of([report])[report.pk],
        "warning_count": sum(len(line.warnings) for line in lines),
        "former": former,
        "passages": passages(report, former),
        "figures": figures(report, former),
        "steps": StepState.objects.filter(report=report)
        .select_related("step")
        .order_by("step__position", "pk"),
        "remarks": [remark for remark in remarks if remark.measure_id is None],
        "evidence": [file for file in evidence if file.reading_id is None],
        "queue": queue(user, report),
        "decisions": decisions(user, report, on),
    }


def review_lines(report, values, columns, remarks, evidence):
    """The Lines of a report, in the plan's order."""
    readings = {measure: reading for (_, measure), reading in readings_of([report]).items()}
    warnings, said, files = values.warnings(report), defaultdict(list), defaultdict(list)
    for remark in remarks:
        said[remark.measure_id].append(remark)
    for file in evidence:
        files[file.reading_id].append(file)
    reported = {(report.campaign.year, report.campaign.period)}
    lines = []
    for row in measure_rows(values.by_action[report.action_id], columns, values.series, reported):
        pk, reading = row.measure.pk, readings.get(row.measure.pk)
        attached = files[reading.pk] if reading else []
        lines.append(Line(row, reading, warnings.get(pk, []), said[pk], attached))
    return lines


def former_report(user, report):
    """The report of the same action in the campaign before, of the same period, or None."""
    before = Report.objects.visible_to(user).filter(
        action=report.action_id,
        campaign__period=report.campaign.period,
        campaign__year__lt=report.campaign.year,
    )
    return before.select_related("campaign__scheme", "action").order_by("-campaign__year").first()


def passages(report, former):
    """The state and the sections that either year has, as Passages."""
    found = []
    for name in SECTIONS:
        label = Report._meta.get_field(name).verbose_name
        texts = [_text(sheet, name) for sheet in (report, former)]
        if any(texts):
            found.append(Passage(label, *texts))
    return found


def _text(report, name):
    text = getattr(report, name) if report else ""
    return ActionState(text).label if name == "state" and text else text


def figures(report, former):
    """The extra figures of either year, paired by heading and label, as Passages."""
    found = {}
    for rank, sheet in enumerate((report, former)):
        for figure in sheet.extra_figures.all() if sheet else ():
            label = f"{figure.heading} : {figure.label}" if figure.heading else figure.label
            note = f" ({figure.note})" if figure.note else ""
            found.setdefault(label, ["", ""])[rank] = f"{figure.display}{note}"
    return [Passage(label, *texts) for label, texts in found.items()]


class Queue(NamedTuple):
    """The submitted sheets of a campaign around this one, in the plan's order. `waiting`: how many, this one among them."""

    before: Report | None
    after: Report | None
    waiting: int


def queue(user, report):
    sheets = Report.objects.visible_to(user).filter(
        Q(status=ReportStatus.SUBMITTED) | Q(pk=report.pk), campaign=report.campaign_id
    )
    sheets = list(sheets.select_related("action").order_by(*document_order("action__"), "pk"))
    here = next(rank for rank, sheet in enumerate(sheets) if sheet.pk == report.pk)
    return Queue(
        before=sheets[here - 1] if here else None,
        after=sheets[here + 1] if here + 1 < len(sheets) else None,
        waiting=sum(sheet.status == ReportStatus.SUBMITTED for sheet in sheets),
    )


def decisions(user, report, on):
    """{name of a move: why it is refused, or ""} of those that the status of the report calls for."""
    place = place_of(user, report)
    moves = {
        ReportStatus.SUBMITTED: {"validate": Act.VALIDATE, "send_back": Act.SEND_BACK},
        ReportStatus.VALIDATED: {"reopen": Act.SEND_BACK},
    }.get(report.status, {})
    found = {name: refusal(act, place, report, on) for name, act in moves.items()}
    if found.get("validate") == "" and not may_validate_own(place, report, user):
        found["validate"] = OWN
    return found
