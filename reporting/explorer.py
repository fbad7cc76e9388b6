"""All indicators of a scheme as one table: a line a measure, the years in columns. The page and its files are made of one Explorer."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from actions.models import Pillar, Role
from actions.models.organisation import DIRECTION_ROLES
from indicators.charts import sparkline
from indicators.models import (
    Campaign,
    CampaignKind,
    Indicator,
    LegalCategory,
    Measure,
    Period,
    Report,
    ReportStatus,
)
from indicators.outcomes import Outcome
from indicators.progress import Progress
from indicators.tables import YearCell, columns_of, measure_rows
from reporting.changes import course_of
from reporting.filters import ExplorerFilter
from reporting.lists import link
from reporting.situation import (
    ActionSituation,
    MeasureSituation,
    Situation,
    situation_asked,
)
from reporting.sorting import PLAN, Head, natural, ordered, sort_choices
from spaser.french import NO_BREAK
from spaser.text import fold


@dataclass(frozen=True)
class Line:
    """A line of the table: a measure (`row`), or an indicator without any, which repeats another or refers to another sheet.

    `cells` are those of all columns; `trend` is the tiny picture of the whole years.
    """

    sheet: ActionSituation
    indicator: Indicator
    row: MeasureSituation | None = None
    cells: tuple[YearCell, ...] = ()
    trend: str = ""
    category: str = ""  # what the legal publication counts it as

    @property
    def measure(self) -> Measure | None:
        return self.row.measure if self.row else None

    @property
    def code(self):
        return (self.measure or self.indicator).code

    @property
    def own_name(self):
        """Which measure of its indicator; nothing when it is the only one."""
        measure = self.measure
        return measure.label if measure and (measure.name or measure.item_id) else ""

    @property
    def words(self):
        return [self.code, self.indicator.code, self.indicator.name, self.own_name]

    @property
    def filled(self):
        """Is there a value, or a reason for its absence? None for a line that has none of its own."""
        if self.row is None:
            return None
        if self.row.due:
            return self.row.answered
        return self.row.value is not None and self.row.value.is_answered

    @property
    def filling(self):
        """« renseigné », « à renseigner », « non dû »: what became of what was awaited."""
        if self.row is None or not self.row.due:
            return "non dû"
        return "renseigné" if self.row.answered else "à renseigner"

    @property
    def course(self):
        """The Course of the last year, None without evolution."""
        evolution = self.row and self.row.evolution
        return course_of(self.measure, evolution.number) if evolution else None

    @property
    def progress(self):
        """The share of the way to the target, in per cent; None when it cannot be told."""
        result = self.row.result if self.row else None
        return result.progress * 100 if result and result.progress is not None else None

    @property
    def status_label(self):
        return ReportStatus(self.row.status).label if self.row and self.row.status else ""

    @property
    def comment(self):
        return self.row.value.comment if self.row and self.row.value else ""

    @property
    def has_target(self):
        return self.row is not None and self.row.outcome != Outcome.NONE

    @property
    def other_targets(self):
        """How many targets the measure has beside the one that counts this year."""
        return max(0, len(self.row.results) - 1) if self.row else 0


def _number(line):
    return line.row.value.number if line.row and line.row.value else None


def _evolution(line):
    return line.row.evolution.number if line.row and line.row.evolution else None


def _awaited(line):
    return line.row.answered if line.row and line.row.due else None


SORTS = {  # name in the address: (words, key of a line, None without any)
    "code": ("Code", lambda line: natural(line.code)),
    "nom": ("Intitulé", lambda line: fold(f"{line.indicator.name} {line.own_name}")),
    "valeur": ("Valeur de l’année", _number),
    "evolution": ("Évolution", _evolution),
    "avancement": ("Avancement vers la cible", lambda line: line.progress),
    "completude": ("Renseigné", _awaited),
}
SORT_CHOICES = sort_choices(SORTS)


@dataclass(frozen=True)
class Group:
    """Lines of one action in the order of the plan; `pillar` opens a new one. Without sheet: all lines, in another order."""

    lines: list[Line]
    sheet: ActionSituation | None = None
    pillar: Pillar | None = None


# The columns that can be chosen, beside the years: key in the address, words, shown unless one chooses
CHOSEN = {
    "code": ("Code", True),
    "directions": ("Pilotage", False),
    "type": ("Type et unité", False),
    "categorie": ("Catégorie légale", False),
    "tendance": ("Tendance", True),
    "evolution": ("Évolution", True),
    "cible": ("Cible", True),
    "releve": ("Relevé", True),
    "commentaire": ("Commentaire", False),
}
CHOSEN_WITHOUT_VALUES = {
    key: (label, key in ("code", "directions", "type", "cible")) for key, (label, _) in CHOSEN.items()
}
BEFORE_YEARS = ("code", "directions", "type", "categorie", "tendance")
AFTER_YEARS = ("evolution", "cible", "releve", "commentaire")


def column_key(column):
    """« 2026 », « 2026-S1 »: a column in an address, as the key of its campaign."""
    return str(column.year) if column.period == Period.YEAR else f"{column.year}-S1"


class Explorer:
    """What `user` asks to see of a scheme; `query` is the QueryDict of the address."""

    def __init__(self, scheme, user, query):
        self.scheme, self.user, self.query = scheme, user, query
        self.situation, wrong_year = situation_asked(scheme, user=user, year=query.get("annee", ""))
        self.columns = columns_of(scheme)
        categories = list(LegalCategory.objects.visible_to(user).filter(measures__scheme=scheme).distinct())
        named = {category.pk: category.name for category in categories}
        self.lines = _lines(self.situation, self.columns, _reported(scheme, user), named)
        self.filter = ExplorerFilter(
            self._data(),
            lines=self.lines,
            situation=self.situation,
            categories=categories,
            sorts=SORT_CHOICES,
            columns=[(key, label) for key, label, _ in self.choosable],
            wrong_year=wrong_year,
        )

    @property
    def year(self):
        return self.situation.year

    @property
    def campaign(self) -> Campaign | None:
        return self.situation.campaigns.get(self.year)

    @cached_property
    def choosable(self):
        """[(key, label, shown unless one chooses)] of the columns beside the indicator's own."""

        def of(keys):
            usual = CHOSEN if self.columns else CHOSEN_WITHOUT_VALUES
            return [(key, *usual[key]) for key in keys]

        years = [(column_key(column), column.label, True) for column in self.columns]
        return [*of(BEFORE_YEARS), *years, *of(AFTER_YEARS)]

    @cached_property
    def shown(self):
        """The keys of the columns to show, in order: those that are asked for and known, or else the usual ones."""
        asked = set(self.query.getlist("colonnes"))
        known = [key for key, _, _ in self.choosable if key in asked]
        return known or [key for key, _, usual in self.choosable if usual]

    @property
    def chosen(self):
        """Are the columns others than the usual ones?"""
        return self.shown != [key for key, _, usual in self.choosable if usual]

    def _data(self):
        """The query as the form shows it: with what holds when nothing is asked."""
        data = self.query.copy()
        data["annee"] = str(self.year)
        data.setdefault("tri", PLAN)
        wrong = [key for key in data.getlist("colonnes") if key not in {key for key, _, _ in self.choosable}]
        data.setlist("colonnes", [*self.shown, *wrong])
        return data

    @cached_property
    def sort(self):
        return self.filter.asked.get("tri", PLAN)

    @property
    def sort_in_words(self):
        return dict(SORT_CHOICES)[self.sort]

    @cached_property
    def kept(self):
        """The lines that are asked for, in the order that is asked for."""
        return ordered(self.filter.kept(self.lines), self.sort, SORTS)

    @cached_property
    def groups(self):
        """[Group]: by action in the order of the plan, otherwise all lines together."""
        if self.sort != PLAN:
            return [Group(self.kept)] if self.kept else []
        by_sheet = defaultdict(list)
        for line in self.kept:
            by_sheet[line.sheet.action.pk].append(line)
        groups, above = [], None
        for lines in by_sheet.values():
            sheet = lines[0].sheet
            groups.append(Group(lines, sheet, sheet.pillar if sheet.pillar != above else None))
            above = sheet.pillar
        return groups

    @cached_property
    def shown_positions(self):
        """The positions, among all columns, of the years to show."""
        return [rank for rank, column in enumerate(self.columns) if column_key(column) in self.shown]

    @property
    def shown_years(self):
        return [self.columns[rank] for rank in self.shown_positions]

    @property
    def measures(self):
        """How many of the lines kept are measures; the others repeat or refer, and are counted in no total."""
        return sum(line.row is not None for line in self.kept)

    @property
    def all_measures(self):
        return sum(line.row is not None for line in self.lines)

    @property
    def without_measure(self):
        return len(self.kept) - self.measures

    @property
    def progress(self):
        """The Progress of the lines kept; of two measures of which either one answers, one is counted."""
        due = {
            line.measure.alternative_to_id or line.measure.pk: line.row.answered
            for line in self.kept
            if line.row and line.row.due
        }
        return Progress(answered=sum(due.values()), due=len(due))

    @property
    def completeness(self):
        """« 44 relevés renseignés sur 47 dus en 2017 »."""
        progress = self.progress
        if self.campaign and self.campaign.kind == CampaignKind.REFERENCE:
            return f"{self.year} est une année de référence : aucun relevé n’y est dû"
        if not self.campaign:
            return "aucune valeur n’a encore été demandée"
        if not progress.due:
            return f"aucun relevé dû en {self.year}"
        one, some = progress.answered < 2, progress.due > 1
        answered = "relevé renseigné" if one else "relevés renseignés"
        return f"{progress.answered}{NO_BREAK}{answered} sur {progress.due}{NO_BREAK}{'dus' if some else 'dû'} en {self.year}"

    @cached_property
    def reader(self):
        """What the reader's values are made of, in words."""
        return scope_in_words(self.user, self.scheme.organisation)

    # Addresses

    def link(self, **changes):
        """The query string of this view with `changes`, without what goes without saying; None takes a parameter away."""
        usual = {"tri": None} if self.query.get("tri") == PLAN else {}
        return link(self.query, **usual | changes)

    @property
    def criteria(self):
        """[(label, words, the address without it)] of what narrows the lines."""
        return [(label, words, self.link(**{name: None})) for name, label, words in self.filter.criteria]

    @property
    def in_plan_order(self):
        return self.link(tri=None)

    def head(self, key, label, sort=""):
        name = self.sort.removeprefix("-")
        order = ""
        if sort and sort == name:
            order = "descending" if self.sort.startswith("-") else "ascending"
        href = self.link(tri=f"-{sort}" if order == "ascending" else sort) if sort else ""
        return Head(
            key,
            label,
            href,
            order,
            judged=key == str(self.year) and bool(self.campaign),
            numeric=key == "evolution" or key in map(column_key, self.columns),
        )

    @cached_property
    def columns_after_name(self):
        """How many columns stand after the indicator's own."""
        return len(self.heads) - 1 - ("code" in self.shown)

    @cached_property
    def heads(self):
        """The heads of the columns to show, the indicator's own included."""
        sorts = {"code": "code", "evolution": "evolution", "cible": "avancement", "releve": "completude"}
        sorts[str(self.year)] = "valeur"
        heads = [
            self.head(key, label, sorts.get(key, "")) for key, label, _ in self.choosable if key in self.shown
        ]
        heads.insert(1 if "code" in self.shown else 0, self.head("indicateur", "Indicateur", "nom"))
        return heads


def _reported(scheme, user):
    """{action id: {(year, period)}} of the sheets that the reader may see and that should give values."""
    found = defaultdict(set)
    reports = Report.objects.visible_to(user).filter(campaign__scheme=scheme)
    reports = reports.exclude(campaign__kind=CampaignKind.REFERENCE).order_by().distinct()
    for action, *when in reports.values_list("action", "campaign__year", "campaign__period"):
        found[action].add(tuple(when))
    return found


def _lines(situation: Situation, columns, reported, categories):
    """The lines of all indicators in force, in the order of the plan; `categories` maps ids to names."""
    lines = []
    for sheet in situation.actions:
        rows = defaultdict(list)
        for row in sheet.measures:
            rows[row.measure.indicator_id].append(row)
        for indicator in situation.indicators[sheet.action.pk]:
            own = rows[indicator.pk]
            tables = measure_rows(
                [row.measure for row in own], columns, situation.series, reported[sheet.action.pk]
            )
            lines += [
                Line(
                    sheet,
                    indicator,
                    row,
                    table.cells,
                    _trend(table.cells),
                    categories.get(row.measure.legal_category_id, ""),
                )
                for row, table in zip(own, tables, strict=True)
            ] or [Line(sheet, indicator)]
    return lines


def _trend(cells):
    """The tiny picture of the whole years, from two numbers on."""
    values, breaks, broken = [], [], False
    for cell in cells:
        broken = broken or bool(cell.breaks)
        if cell.column.period == Period.YEAR:
            if broken:
                breaks.append(len(values))
            values.append(cell.value.number if cell.value else None)
            broken = False
    return sparkline(values, breaks) if sum(value is not None for value in values) > 1 else ""


def scope_in_words(user, organisation):
    """Which sheets the values that `user` reads come from."""
    roles = set(user.memberships.filter(organisation=organisation).values_list("role", flat=True))
    if Role.STEERING in roles:
        return "toutes les fiches, brouillons compris"
    if roles & set(DIRECTION_ROLES):
        return "les fiches soumises ou validées, et toutes celles de vos directions"
    return "les fiches validées"
