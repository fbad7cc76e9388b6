"""Makes the Bilan of a year from the database, in a constant number of queries."""

from collections import defaultdict
from dataclasses import replace

from django.utils import timezone

from actions.models import InvolvementRole, Meeting, Nature
from indicators import calculations
from indicators.models import (
    ActionState,
    CampaignKind,
    Comparison,
    Computation,
    MeasureType,
    Report,
    ReportStatus,
    StepState,
)
from indicators.outcomes import Outcome
from reporting.editions.bilan import (
    EMPTY,
    NOTHING,
    Bilan,
    Cell,
    Decision,
    Passage,
    PillarCount,
    Row,
    Sheet,
    StepLine,
    Table,
    Zoom,
)
from reporting.editions.imprint import Imprint, Picture
from reporting.situation import full_situation
from reporting.situation import tally as of_actions

DRAWN = (Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.EQUAL)  # targets that are one number


def build_bilan(scheme, *, year, imprint=None, foreword=None, foreword_author=""):
    """The Bilan of `scheme` for `year`, beside the year before where anything is known of it.

    Without `imprint` it is a preview. Raises NoCampaign when the scheme has no campaign for that year.
    """
    imprint = imprint or Imprint(name=f"bilan-{scheme.slug}-{year}", version=0, frozen_at=timezone.now())
    bilan = _Builder(full_situation(scheme, year), imprint).build()
    return replace(bilan, foreword=foreword, foreword_author=foreword_author)


class _Builder:
    def __init__(self, situation, imprint):
        self.imprint = imprint
        self.situation, self.scheme, self.year = situation, situation.scheme, situation.year
        self.campaign, self.series = situation.campaign, situation.series
        before = any(self.series.value(measure, self.year - 1) for measure in self.series.asked)
        known_before = self.year - 1 in situation.campaigns or before
        self.years = (self.year - 1, self.year) if known_before else (self.year,)
        self.invented = self._invented()
        self.expected = [group for groups in situation.due.values() for group in groups]
        # the measures that need no value, since another that tells the same has one
        self.answered_beside = {
            measure.pk for group, answered in self.expected if answered for measure in group
        }
        self.steps = self._given_steps()
        self.judged = {row.measure.pk: row for row in situation.measures}

    def build(self):
        scheme, campaign = self.scheme, self.campaign
        states = self.situation.states(self.year)
        counted = [
            action
            for action in self.situation.plan
            if action.parent_id is None and action.nature == Nature.ACTION
        ]
        return Bilan(
            imprint=self.imprint,
            organisation=scheme.organisation.name,
            scheme=scheme.title,
            slug=scheme.slug,
            year=self.year,
            years=self.years,
            pillar_label=scheme.pillar_label,
            action_label=scheme.action_label,
            pilot_label=scheme.pilot_label,
            support_label=scheme.support_label,
            partner_label=scheme.partner_label,
            purpose_label=scheme.purpose_label,
            **self._action_counts(counted, states),
            expected=len(self.expected),
            filled=sum(answered for _, answered in self.expected),
            unvalidated=sum(
                report.status != ReportStatus.VALIDATED
                for (_, year), report in self.situation.reports.items()
                if year == self.year
            ),
            synthesis=campaign.synthesis,
            passages=tuple(Passage(p.heading, p.text) for p in campaign.passages.all()),
            zooms=self._zooms(),
            sheets=tuple(
                self._sheet(action, states) for action in self.situation.plan if self._has_sheet(action)
            ),
            invented=self.invented,
            outcomes=_outcomes(of_actions(self.situation.actions)),
            decisions=self._decisions(),
            definitions=self._definitions(),
            directions=self._directions(),
        )

    def _action_counts(self, counted, states):
        """How many of the actions `counted` are engaged and in which state, as a whole and by pillar."""
        engaged = [action for action in counted if calculations.is_engaged(states[action.pk])]
        tally = calculations.count_states(states[action.pk] for action in counted)
        return {
            "engaged": len(engaged),
            "counted": len(counted),
            "total": max(self.scheme.declared_actions or 0, len(counted)),
            "pillars": self._pillar_counts(counted, engaged),
            "states": tuple(
                (state.of(tally[state.value]), tally[state.value])
                for state in ActionState
                if tally[state.value]
            ),
        }

    def _zooms(self):
        zooms = self.campaign.highlights.select_related("action__scheme", "action__parent")
        return tuple(
            Zoom(zoom.action.heading, zoom.title or zoom.action.title, zoom.text, picture=_picture(zoom))
            for zoom in zooms
        )

    def _decisions(self):
        """What the committees decided in the year."""
        meetings = Meeting.objects.filter(committee__scheme=self.scheme, held_on__year=self.year)
        return tuple(
            Decision(meeting.committee.name, meeting.held_on, meeting.decisions)
            for meeting in meetings.select_related("committee").order_by("held_on", "committee__name", "pk")
            if meeting.decisions
        )

    def _definitions(self):
        """(code, words, definition) of the indicators that the plan defines, in its order."""
        return tuple(
            (indicator.code, indicator.name, indicator.definition)
            for action in self.situation.plan
            for indicator in self.situation.indicators[action.pk]
            if indicator.definition
        )

    def _directions(self):
        """(short name, name) of those that have a part in an action of the bilan, by short name."""
        found = {
            involvement.direction.code: involvement.direction.name
            for action in self.situation.plan
            for involvement in action.involvements.all()
        }
        return tuple(sorted(found.items()))

    def _pillar_counts(self, counted, engaged):
        """One PillarCount for each pillar of the actions `counted`, in the plan's order."""
        totals, started, pillars, rows = defaultdict(int), defaultdict(int), {}, defaultdict(list)
        for action in counted:
            pillar = action.objective.pillar
            pillars.setdefault(pillar.pk, pillar)
            totals[pillar.pk] += 1
        for action in engaged:
            started[action.objective.pillar_id] += 1
        for row in self.situation.actions:
            if row.pillar:
                rows[row.pillar.pk].append(row)
        return tuple(
            _pillar_count(pillar, started[pk], totals[pk], of_actions(rows[pk]))
            for pk, pillar in pillars.items()
        )

    def _invented(self):
        """The years whose values are invented, even in the campaign of a preceding scheme."""
        campaigns = self.situation.campaigns

        def invented(year):
            values = (self.series.value(measure, year) for measure in self.series.asked)
            entered = any(value and value.demonstration and not value.computed for value in values)
            return entered or (year in campaigns and campaigns[year].demonstration)

        return tuple(year for year in self.years if invented(year))

    def _has_sheet(self, action):
        """Every action in force; a sheet of data when something was reported on it."""
        return action.nature == Nature.ACTION or (action.pk, self.year) in self.situation.reports

    def _sheet(self, action, states):
        report = self.situation.reports.get((action.pk, self.year))
        involved = _involved(action)
        if action.parent and not involved[InvolvementRole.PILOT]:
            whole = next((other for other in self.situation.plan if other.pk == action.parent_id), None)
            involved[InvolvementRole.PILOT] = _involved(whole)[InvolvementRole.PILOT] if whole else []
        objective, state = action.objective, states[action.pk]
        return Sheet(
            code=action.code,
            heading=action.heading,
            title=action.title,
            pillar=str(objective.pillar) if objective else "",
            objective=str(objective) if objective and objective.title else "",
            pilots=tuple(involved[InvolvementRole.PILOT]),
            supports=tuple(involved[InvolvementRole.SUPPORT]),
            partners=tuple(involved[InvolvementRole.PARTNER]),
            reported=bool(report or self.situation.parts[action.pk]),
            state=ActionState(state).label if state else "",
            targets=tuple(str(target) for target in action.targets.all()),
            purpose=action.purpose,
            **{name: getattr(report, name, "") for name in Report.SECTIONS},
            indicators=tuple(
                self._indicator(indicator) for indicator in self.situation.indicators[action.pk]
            ),
            figures=self._figures(action),
            notes=_notes(report) if report else (),
            status=report.get_status_display() if report else "",
            validated=bool(report and report.status == ReportStatus.VALIDATED),
            steps=tuple(self.steps[report.pk]) if report else (),
            parent=action.parent.code if action.parent else "",
        )

    def _given_steps(self):
        """{report id: [StepLine]}, in the order of the steps."""
        reports = [report for (_, year), report in self.situation.reports.items() if year == self.year]
        rows = StepState.objects.filter(report__in=reports).select_related("step")
        found = defaultdict(list)
        for row in rows.order_by("step__position", "step__pk"):
            found[row.report_id].append(StepLine(row.step.title, row.get_state_display()))
        return found

    def _indicator(self, indicator):
        return Table(
            code=indicator.code,
            title=indicator.name,
            kind=indicator.get_kind_display() if indicator.kind else "",
            rows=tuple(self._rows(indicator)),
            notes=_notes(indicator),
            refers_to=str(indicator.refers_to) if indicator.refers_to else "",
            repeats=indicator.duplicate_of.code if indicator.duplicate_of else "",
        )

    def _rows(self, indicator):
        """One row a measure; an evolution whose source stands beside it is that row's last column, targets included."""
        measures = self.situation.measures_in_force[indicator.pk]
        beside, extra = {measure.pk for measure in measures}, defaultdict(list)
        shown = []
        for measure in measures:
            sources = {link.source_id for link in measure.source_links.all()}
            if measure.computation == Computation.EVOLUTION and sources & beside:
                extra[next(iter(sources & beside))] += measure.targets.all()
            else:
                shown.append(measure)
        return (self._row(measure, indicator, extra[measure.pk]) for measure in shown)

    def _row(self, measure, indicator, extra_targets):
        evolution = None
        if measure.computation != Computation.EVOLUTION:
            evolution = self.series.evolution(measure, self.year)
        return Row(
            code=measure.code,
            label=measure.label,
            unit=measure.shown_unit,
            type=measure.type,
            cells=tuple(self._cell(measure, indicator, year) for year in self.years),
            evolution=evolution.display if evolution else "",
            evolution_number=evolution.number if evolution else None,
            evolution_in_points=bool(evolution and evolution.points),
            targets=tuple(str(target) for target in (*measure.targets.all(), *extra_targets)),
            **self._judgement(measure),
        )

    def _judgement(self, measure):
        """What becomes of the target that counts this year, and its number where a chart can draw it."""
        result = self.judged[measure.pk].result
        if result is None:
            return {}
        target = result.target
        drawn = target.comparison in DRAWN and not target.relative
        return {
            "outcome": result.outcome.value,
            "outcome_label": result.outcome.label,
            "target_number": target.value if drawn else None,
            "target_year": target.year,
        }

    def _cell(self, measure, indicator, year):
        broken = self.series.breaks(measure, after=year - 1, upto=year)
        cell = self._known_cell(measure, indicator, year)
        return replace(cell, series_break=" ; ".join(found.note for found in broken)) if broken else cell

    def _known_cell(self, measure, indicator, year):
        value = self.series.value(measure, year)
        if value and (value.is_answered or value.comment):
            cell = _cell(value)
            mixed = value.demonstration and year not in self.invented
            return replace(cell, comment="d’après des valeurs de démonstration") if mixed else cell
        campaign = self.situation.campaigns.get(year)
        is_due = campaign and campaign.kind != CampaignKind.REFERENCE and not measure.is_computed
        reported = year == self.year or (indicator.action_id, year) in self.situation.reports
        beside = year == self.year and measure.pk in self.answered_beside
        return EMPTY if is_due and reported and not beside else NOTHING

    def _figures(self, action):
        """The other figures of the years, paired by heading and label, one table a heading."""
        tables = {}
        for year in self.years:
            report = self.situation.reports.get((action.pk, year))
            for figure in report.extra_figures.all() if report else ():
                tables.setdefault(figure.heading, {}).setdefault(figure.label, {})[year] = figure
        return tuple(
            Table("", heading, "", tuple(self._figure_row(label, found) for label, found in rows.items()))
            for heading, rows in tables.items()
        )

    def _figure_row(self, label, figures):
        """One figure over the years: the unit of the latest, every note once."""
        cells = (_figure_cell(figures[year]) if year in figures else NOTHING for year in self.years)
        notes = dict.fromkeys(figure.note for figure in figures.values() if figure.note)
        latest = figures[max(figures)]
        return Row("", label, latest.unit, MeasureType.QUANTITY, tuple(cells), note=" ".join(notes))


def _involved(action):
    involved = defaultdict(list)
    for involvement in action.involvements.all():
        involved[involvement.role].append(involvement.direction.name)
    return involved


def _pillar_count(pillar, engaged, actions, tally):
    return PillarCount(
        heading=pillar.heading,
        title=pillar.title,
        engaged=engaged,
        actions=actions,
        targets=tuple(str(target) for target in pillar.targets.all()),
        filled=tally.progress.answered,
        expected=tally.progress.due,
        states=tuple(
            (state, state and ActionState(state).label, tally.states[state])
            for state in (*ActionState.values, "")
            if tally.states[state]
        ),
        outcomes=_outcomes(tally),
    )


def _outcomes(tally):
    """(Outcome value, as said, count) of the targets, in the order of Outcome; measures without target are left out."""
    return tuple(
        (outcome.value, outcome.label, tally.outcomes[outcome])
        for outcome in Outcome
        if outcome != Outcome.NONE and tally.outcomes[outcome]
    )


def _picture(zoom):
    if not zoom.picture:
        return None
    with zoom.picture.open("rb") as file:
        return Picture(file.read(), "image/jpeg", alt=zoom.picture_alt, credit=zoom.picture_credit)


def _cell(value):
    return Cell(
        text=value.display,
        number=value.number,
        numerator=value.numerator,
        denominator=value.denominator,
        decimals=value.shown_decimals,
        missing=value.missing if value.is_answered else EMPTY.missing,
        comment=value.comment,
        as_of=value.as_of,
        computed=value.computed,
        qualifier=value.qualifier,
        source=value.source,
        unfilled=value.unfilled,
        status=ReportStatus(value.status).label if value.status else "",
    )


def _figure_cell(figure):
    return Cell(
        text=figure.display, number=figure.value, decimals=figure.decimals, qualifier=figure.qualifier
    )


def _notes(obj):
    return (obj.source_note,) if obj.source_note else ()
