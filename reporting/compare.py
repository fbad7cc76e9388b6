"""Two years of a scheme side by side: made of two Situations, whatever is compared."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import django_filters

from actions.models import Pillar
from actions.tree import plan_order
from indicators.models import ActionState, CampaignKind, Period
from indicators.outcomes import Outcome
from reporting.changes import Change, Course, change_of
from reporting.explorer import scope_in_words
from reporting.filters import SheetFilter
from reporting.situation import ActionSituation, MeasureSituation, Situation, situation_of, tally
from spaser.french import NO_BREAK, format_number, plural

NOT_TOLD = "non indiqué"
FIRST_SHOWN = 6  # of a list; the rest opens


@dataclass(frozen=True)
class ActionPair:
    """An action or part in both years; None in a year in which it is not in force."""

    before: ActionSituation | None
    after: ActionSituation | None

    @property
    def sheet(self):
        return self.after or self.before

    @property
    def counted(self):
        """Is it an action, not a part or a sheet of data, in force in both years?"""
        return bool(self.sheet.is_whole and self.before and self.after)

    @property
    def moved(self):
        """Has its state changed? None when one of them is not given."""
        states = {self.before.state, self.after.state}
        return None if "" in states else len(states) == 2

    @property
    def states(self):
        """[(state, its words)] of both years."""
        return [(row.state, ActionState(row.state).label) for row in (self.before, self.after)]


@dataclass(frozen=True)
class MeasurePair:
    """A measure in both years; None in a year in which it is not in force."""

    sheet: ActionSituation
    before: MeasureSituation | None
    after: MeasureSituation | None
    change: Change
    labels: tuple[str, str]  # of the years: « 2016 », « 2026 (démonstration) »

    @property
    def row(self):
        return self.after or self.before

    @property
    def indicator(self):
        return self.row.indicator

    @property
    def measure(self):
        return self.row.measure

    @property
    def own_name(self):
        return self.measure.label if self.measure.name or self.measure.item_id else ""

    @property
    def years(self):
        """[(label, Value, MeasureSituation)] of both years; None where there is none."""
        values, rows = (self.change.before, self.change.after), (self.before, self.after)
        return list(zip(self.labels, values, rows, strict=True))

    @property
    def same_target(self):
        """Is the target that counts the same in both years?"""
        results = [row.result.target.pk for row in (self.before, self.after) if row and row.result]
        return len(results) == 2 and results[0] == results[1]


@dataclass(frozen=True)
class Row:
    """A figure of the synthesis in both years, as it is printed, and the difference, "" where there is none."""

    label: str
    before: str
    after: str
    difference: str = ""
    key: str = ""  # of the badge, when it has one


class CompareFilter(SheetFilter):
    """Which years, and what narrows the page."""

    de = django_filters.ChoiceFilter(label="De", empty_label=None)
    a = django_filters.ChoiceFilter(label="À", empty_label=None)

    ORDER = ("de", "a", "pilier", "direction")

    def __init__(self, data, *, scheme, sheets, years, wrong):
        super().__init__(data, scheme=scheme, sheets=sheets)
        for name in ("de", "a"):
            self.offer(name, [(str(year), str(year)) for year in years])
        for name, reason in wrong.items():
            self.form.add_error(name, reason)

    @property
    def fields_in_order(self):
        return [self.form[name] for name in self.ORDER if name in self.filters]


@dataclass(frozen=True)
class Group:
    """The measures of one action; `pillar` opens a new one."""

    action: ActionPair
    pairs: list[MeasurePair]
    pillar: Pillar | None

    @property
    def sheet(self):
        return self.action.sheet


class Comparison:
    """What changes from the Situation `before` to the Situation `after`, of what `filter` keeps."""

    def __init__(self, before: Situation, after: Situation, pairs, *, filter: CompareFilter, reader):
        self.before, self.after, self.filter = before, after, filter
        self.actions = filter.kept(pairs)
        self.reader = reader  # what the values that the reader sees are made of, in words

    @cached_property
    def labels(self):
        """« 2016 », « 2017 (démonstration) »."""
        return str(self.before.campaign), str(self.after.campaign)

    @property
    def invented(self):
        """« Les valeurs de 2026 sont inventées », when they are."""
        campaigns = (self.before.campaign, self.after.campaign)
        years = " et ".join(str(campaign.year) for campaign in campaigns if campaign.demonstration)
        return f"Démonstration : les valeurs de {years} sont inventées" if years else ""

    @property
    def span(self):
        return self.after.year - self.before.year

    @property
    def narrowed(self):
        return bool(self.filter.criteria)

    @cached_property
    def tallies(self):
        rows = [(pair.before, pair.after) for pair in self.actions]
        return [tally(row for row in of_year if row) for of_year in zip(*rows, strict=True)] if rows else []

    @cached_property
    def synthesis(self):
        """[Row]: actions, states, completeness, targets."""
        if not self.tallies:
            return []
        before, after = self.tallies
        rows = [_counted("Actions", before.actions, after.actions), _engaged(before, after)]
        for state in ActionState:
            counts = [_told(of_year, of_year.states[state]) for of_year in self.tallies]
            if any(counts):
                rows.append(_counted(state.label.capitalize(), *counts, key=state.value))
        unknown = before.states[""], after.states[""]
        if any(unknown):
            rows.append(_counted("État non indiqué", *unknown, key="unknown"))
        rows.append(self._completeness(before.progress, after.progress))
        rows.append(_counted("Cibles suivies", before.targets, after.targets))
        for outcome in Outcome:
            counts = before.outcomes[outcome], after.outcomes[outcome]
            if outcome != Outcome.NONE and any(counts):
                rows.append(_counted(f"Cibles : {outcome.label}", *counts, key=outcome.value))
        return rows

    def _completeness(self, before, after):
        texts = [
            "année de référence, rien n’est dû"
            if situation.campaign.kind == CampaignKind.REFERENCE
            else _of_due(progress)
            for situation, progress in ((self.before, before), (self.after, after))
        ]
        both = before.percent is not None and after.percent is not None
        difference = _points(after.percent - before.percent) if both else ""
        return Row("Relevés renseignés", *texts, difference)

    @cached_property
    def counted(self):
        return [pair for pair in self.actions if pair.counted]

    @property
    def moved(self):
        return [pair for pair in self.counted if pair.moved]

    @property
    def unmoved(self):
        """How many counted actions have the same state in both years."""
        return sum(pair.moved is False for pair in self.counted)

    @property
    def state_unknown(self):
        """How many counted actions lack the state of one of the years."""
        return sum(pair.moved is None for pair in self.counted)

    @property
    def new_actions(self):
        return [pair.sheet for pair in self.actions if pair.before is None]

    @property
    def ended_actions(self):
        return [pair.sheet for pair in self.actions if pair.after is None]

    @cached_property
    def groups(self):
        """[Group] of all measures in force in one of the years, in the plan's order."""
        groups, above = [], None
        for action in self.actions:
            if pairs := self._measures(action):
                pillar = action.sheet.pillar
                groups.append(Group(action, pairs, pillar if pillar != above else None))
                above = pillar
        return groups

    def _measures(self, pair):
        before = {row.measure.pk: row for row in pair.before.measures} if pair.before else {}
        after = {row.measure.pk: row for row in pair.after.measures} if pair.after else {}
        years = {"since": self.before.year, "year": self.after.year}
        return [
            MeasurePair(
                pair.sheet,
                before.get(pk),
                after.get(pk),
                change_of(row.measure, self.after.series, **years),
                self.labels,
            )
            for pk, row in (before | after).items()
        ]

    @cached_property
    def pairs(self):
        return [pair for group in self.groups for pair in group.pairs]

    @cached_property
    def courses(self):
        """[(Course, its heading, the first pairs, the others)] of what is better, worse, up, down."""
        by_course = defaultdict(list)
        for pair in self.pairs:
            by_course[pair.change.course].append(pair)
        headings = {
            Course.BETTER: "S’améliore",
            Course.WORSE: "Se dégrade",
            Course.UP: "En hausse, sans sens attendu",
            Course.DOWN: "En baisse, sans sens attendu",
        }
        return [
            (course, heading, found[:FIRST_SHOWN], found[FIRST_SHOWN:])
            for course, heading in headings.items()
            if (found := by_course[course])
        ]

    @property
    def stable(self):
        return sum(pair.change.course == Course.STABLE for pair in self.pairs)

    @property
    def not_compared(self):
        return sum(pair.change.course is None for pair in self.pairs)

    @property
    def new_measures(self):
        """Those of actions in force in both years."""
        return [pair for pair in self._of_lasting_actions if pair.before is None]

    @property
    def ended_measures(self):
        return [pair for pair in self._of_lasting_actions if pair.after is None]

    @property
    def _of_lasting_actions(self):
        lasting = (group for group in self.groups if group.action.before and group.action.after)
        return [pair for group in lasting for pair in group.pairs]


def _told(tally, count):
    """`count` of a state, None in a year in which no state is given at all: nobody knows then."""
    return None if tally.states[""] == tally.actions else count


def _counted(label, before, after, key=""):
    texts = [NOT_TOLD if count is None else str(count) for count in (before, after)]
    return Row(label, *texts, _difference(before, after), key)


def _engaged(before, after):
    counts = [_told(of_year, of_year.engaged) for of_year in (before, after)]
    texts = [
        NOT_TOLD if count is None else f"{count} sur {of_year.actions}"
        for count, of_year in zip(counts, (before, after), strict=True)
    ]
    return Row("Actions engagées", *texts, _difference(*counts))


def _difference(before, after):
    """« +3 », « = »; nothing when one is not told."""
    if before is None or after is None:
        return ""
    return "=" if before == after else format_number(Decimal(after - before), 0, sign=True)


def _of_due(progress):
    if not progress.due:
        return "aucun relevé dû"
    percent = f"{format_number(progress.percent, 1)}{NO_BREAK}%"
    return f"{progress.answered} sur {progress.due} ({percent})"


def _points(difference):
    return f"{format_number(difference, 1, sign=True)}{NO_BREAK}{plural('point', difference)}"


def compared(scheme, user, query):
    """The Comparison that `query` asks for, of what `user` may see; None when the scheme has not two years to compare."""
    years = list(_whole_years(scheme))
    if len(years) < 2:
        return None
    asked = {name: query.get(name, "") for name in ("de", "a")}
    known = {str(year): year for year in years}
    wrong = {
        name: f"Ce schéma n’a pas de campagne pour « {text} » : choisissez parmi {', '.join(known)}."
        for name, text in asked.items()
        if text and text not in known
    }
    since, year = known.get(asked["de"]), known.get(asked["a"])
    if since and since == year:
        wrong["de"] = f"Deux années différentes se comparent, et non {year} avec elle-même."
        since = None
    if since and year and since > year:
        since, year = year, since
    after = situation_of(scheme, user=user, year=year or _last(years, since))
    before = situation_of(scheme, user=user, year=since or _nearest_before(years, after.year))
    if before.year > after.year:
        before, after = after, before
    pairs = _pairs(before, after)
    data = query.copy()
    data["de"], data["a"] = str(before.year), str(after.year)
    filter = CompareFilter(
        data, scheme=scheme, sheets=[pair.sheet for pair in pairs], years=years, wrong=wrong
    )
    reader = scope_in_words(user, scheme.organisation)
    return Comparison(before, after, pairs, filter=filter, reader=reader)


def _whole_years(scheme):
    campaigns = scheme.campaigns.filter(period=Period.YEAR).order_by("year")
    return campaigns.values_list("year", flat=True)


def _last(years, since):
    """The year to compare with `since`: the last one that tells something, None, unless it is `since` itself."""
    if since is None:
        return None
    return years[-1] if years[-1] != since else years[-2]


def _nearest_before(years, year):
    """The year before `year`, or when it is the first one, the one after."""
    earlier = [other for other in years if other < year]
    return earlier[-1] if earlier else years[1]


def _pairs(before, after):
    """The actions of both Situations, in the plan's order: those that are over stand where they were."""
    of_before = {row.action.pk: row for row in before.actions}
    of_after = {row.action.pk: row for row in after.actions}
    rows = {row.action.pk: row for row in (*before.actions, *after.actions)}
    in_order = sorted(rows.values(), key=lambda row: plan_order(row.action))
    return [ActionPair(of_before.get(row.action.pk), of_after.get(row.action.pk)) for row in in_order]
