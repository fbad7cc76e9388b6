"""The actions and parts of a scheme as one table: their states, sheets, completeness and targets; narrowed, and sorted by a column."""

from dataclasses import dataclass
from functools import cached_property

import django_filters
from django.utils.text import capfirst

from actions.models import Nature
from indicators.calculations import is_engaged
from indicators.models import ActionState, ReportStatus
from indicators.outcomes import Outcome
from reporting.filters import SheetFilter, choice
from reporting.lists import link
from reporting.shares import outcome_shares
from reporting.situation import ActionSituation, Tally, situation_asked, tally
from reporting.sorting import PLAN, Head, natural, ordered, sort_choices
from reporting.timeline import ending_year, is_overdue
from spaser.text import matches

BEGUN = "begun"  # of the filter: engaged, in progress or done
UNTOLD = "none"
NOBODY = "none"  # of the filter by pilot: what no direction pilots
FILLINGS = {
    "complete": ("Complètes", lambda progress: progress.due and progress.answered == progress.due),
    "partial": ("Incomplètes", lambda progress: progress.answered < progress.due),
    "empty": ("Rien de renseigné", lambda progress: progress.due and not progress.answered),
    "nothing": ("Sans donnée attendue", lambda progress: not progress.due),
}
LEVELS = {
    "actions": ("Actions seules", lambda sheet: sheet.is_whole),
    "fiches": ("Fiches à remplir", lambda sheet: not sheet.parts),
}


@dataclass(frozen=True)
class Row:
    """An action or part; the `tally` of an action counts what its parts give. `is_late`: its deadline is over, and it is not."""

    sheet: ActionSituation
    tally: Tally
    is_late: bool = False

    @property
    def action(self):
        return self.sheet.action

    @property
    def changed(self):
        """Did its state change since the year before? Only when both are known."""
        sheet = self.sheet
        return bool(sheet.state and sheet.state_before and sheet.state != sheet.state_before)

    @property
    def state_label(self):
        return ActionState(self.sheet.state).label

    @property
    def before_label(self):
        return ActionState(self.sheet.state_before).label

    @property
    def outcomes(self):
        return outcome_shares(self.tally)

    @property
    def deadline(self):
        """The year by which it should end, None when the document gives none."""
        return ending_year(self.action)

    @property
    def period(self):
        """« 2026 », « 2024-2026 »."""
        first, last = self.action.due_from, self.action.due_to
        return f"{first}-{last}" if first and last and first != last else str(self.deadline)

    @property
    def lacks_pilot(self):
        """Does no direction pilot it? An action with parts may leave that to them; shared data are the steering team’s."""
        sheet = self.sheet
        return sheet.action.nature == Nature.ACTION and not (sheet.pilots or sheet.parts)

    @property
    def words(self):
        action = self.action
        pilots = [words for pilot in self.sheet.pilots for words in (pilot.code, pilot.name)]
        return [action.code, action.heading, action.title, str(self.sheet.whole or ""), *pilots]


def rows_of(situation, on):
    """The Rows of all actions and parts in force, in the plan's order; late or not on the date `on`."""
    by_whole = {}
    for sheet in situation.actions:
        by_whole.setdefault((sheet.whole or sheet.action).pk, []).append(sheet)
    return [
        Row(sheet, tally([sheet] if sheet.whole else by_whole[sheet.action.pk]), is_overdue(sheet, on))
        for sheet in situation.actions
    ]


STATES = list(ActionState)
STATUSES = [ReportStatus.DRAFT, ReportStatus.RETURNED, ReportStatus.SUBMITTED, ReportStatus.VALIDATED]
SORTS = {  # name in the address: (words, key of a row, None for what comes last)
    "fiche": ("Fiche", lambda row: natural(row.action.code)),
    "etat": ("État", lambda row: STATES.index(row.sheet.state) if row.sheet.state else None),
    "statut": (
        "Statut de la fiche",
        lambda row: STATUSES.index(row.sheet.status) if row.sheet.status else None,
    ),
    "completude": ("Renseigné", lambda row: row.sheet.progress.percent),
    "cibles": (
        "Cibles atteintes",
        lambda row: row.tally.outcomes[Outcome.REACHED] if row.tally.targets else None,
    ),
    "echeance": ("Échéance", lambda row: row.deadline),
}
SORT_CHOICES = sort_choices(SORTS)

COLUMNS = [  # (words, name of the sort or "")
    ("Fiche", "fiche"),
    ("État", "etat"),
    ("Statut", "statut"),
    ("Renseigné", "completude"),
    ("Cibles", "cibles"),
    ("Échéance", "echeance"),
    ("Pilotes", ""),
]


class ActionFilter(SheetFilter):
    """What the list of actions can be narrowed by; `wrong_year` when the year asked has no campaign."""

    q = django_filters.CharFilter(label="Mots", method="keep_words")
    etat = choice("État", "keep_state")
    cible = choice("Cible", "keep_outcome")
    completude = choice("Complétude", "keep_filling")
    statut = choice("Statut de la fiche", "keep_status")
    niveau = choice("Niveau", "keep_level")
    pilote = choice("Direction pilote", "keep_pilot")
    objectif = choice("Objectif", "keep_objective")
    change = choice("Depuis l’an dernier", "keep_changed")
    annee = django_filters.ChoiceFilter(label="Année", empty_label=None)
    tri = django_filters.ChoiceFilter(label="Tri", empty_label=None)

    CRITERIA = (
        "q",
        "etat",
        "cible",
        "completude",
        "statut",
        "niveau",
        "pilier",
        "objectif",
        "direction",
        "pilote",
        "change",
    )
    FIRST = ("q", "annee", "pilier", "direction", "etat", "cible")
    MORE = ("objectif", "pilote", "niveau", "completude", "statut", "change", "tri")

    def __init__(self, data, *, situation, rows, wrong_year):
        super().__init__(data, scheme=situation.scheme, sheets=situation.actions)
        self.filters["objectif"].label = situation.scheme.objective_label
        objectives = (row.action.objective for row in rows)
        self.offer("objectif", {row.code: str(row) for row in objectives if row and row.title}.items())
        pilots = {pilot for sheet in situation.actions for pilot in sheet.pilots}
        named = sorted((pilot.name, pilot.code) for pilot in pilots)
        self.offer(
            "pilote",
            [*((code, f"{name} ({code})") for name, code in named), (NOBODY, "Sans direction pilote")],
        )
        states = [(key, capfirst(label)) for key, label in ActionState.choices]
        begun = (BEGUN, "Engagée, en cours ou réalisée")
        self.offer("etat", [begun, *states, (UNTOLD, "Sans état indiqué")])
        self.offer("cible", [(key, capfirst(label)) for key, label in Outcome.choices])
        self.offer("completude", [(key, words) for key, (words, _) in FILLINGS.items()])
        self.offer("statut", [(key, capfirst(label)) for key, label in ReportStatus.choices])
        self.offer("niveau", [(key, words) for key, (words, _) in LEVELS.items()])
        self.offer("change", [("oui", "État changé")] if any(row.changed for row in rows) else [])
        self.offer("annee", [(str(year), str(year)) for year in reversed(situation.years)])
        self.offer("tri", SORT_CHOICES)
        if wrong_year and "annee" in self.filters:
            years = ", ".join(map(str, situation.years))
            self.form.add_error("annee", f"Ce schéma n’a de campagne que pour {years}.")

    @property
    def first_fields(self):
        return [self.form[name] for name in self.FIRST if name in self.filters]

    @property
    def more_fields(self):
        return [self.form[name] for name in self.MORE if name in self.filters]

    @property
    def more_open(self):
        """Is one of the further filters asked for, or wrong?"""
        return any(
            (name in self.CRITERIA and name in self.asked) or name in self.form.errors for name in self.MORE
        )

    def keep_words(self, rows, name, value):
        return [row for row in rows if matches(value, *row.words)]

    def keep_state(self, rows, name, value):
        if value == BEGUN:
            return [row for row in rows if is_engaged(row.sheet.state)]
        return [row for row in rows if row.sheet.state == ("" if value == UNTOLD else value)]

    def keep_outcome(self, rows, name, value):
        if value == Outcome.NONE:
            return [row for row in rows if not row.tally.targets]
        return [row for row in rows if row.tally.outcomes[value]]

    def keep_filling(self, rows, name, value):
        return [row for row in rows if FILLINGS[value][1](row.sheet.progress)]

    def keep_status(self, rows, name, value):
        return [row for row in rows if row.sheet.status == value]

    def keep_level(self, rows, name, value):
        return [row for row in rows if LEVELS[value][1](row.sheet)]

    def keep_pilot(self, rows, name, value):
        if value == NOBODY:
            return [row for row in rows if row.lacks_pilot]
        return [row for row in rows if value in {pilot.code for pilot in row.sheet.pilots}]

    def keep_objective(self, rows, name, value):
        return [row for row in rows if row.action.objective and row.action.objective.code == value]

    def keep_changed(self, rows, name, value):
        return [row for row in rows if row.changed]


class ActionList:
    """What `user` asks on the date `on` to see of the actions of a scheme; `query` is the QueryDict of the address."""

    def __init__(self, scheme, user, query, on):
        self.query = query
        self.situation, wrong_year = situation_asked(scheme, user=user, year=query.get("annee", ""))
        self.rows = rows_of(self.situation, on)
        data = query.copy()
        data["annee"] = str(self.year)
        data.setdefault("tri", PLAN)
        self.filter = ActionFilter(data, situation=self.situation, rows=self.rows, wrong_year=wrong_year)

    @property
    def year(self):
        return self.situation.year

    @property
    def before(self):
        return self.year - 1

    @property
    def campaign(self):
        return self.situation.campaigns.get(self.year)

    @cached_property
    def sort(self):
        return self.filter.asked.get("tri", PLAN)

    @property
    def sort_in_words(self):
        return dict(SORT_CHOICES)[self.sort]

    @property
    def in_plan_order(self):
        return link(self.query, tri=None)

    @cached_property
    def kept(self):
        """The rows that are asked for, in the order that is asked for."""
        return ordered(self.filter.kept(self.rows), self.sort, SORTS)

    @property
    def total(self):
        return sum(row.sheet.is_whole for row in self.rows)

    @property
    def counted(self):
        """How many of the rows kept are counted as actions; the others are parts, sheets of common data and tables."""
        return sum(row.sheet.is_whole for row in self.kept)

    @property
    def others(self):
        return len(self.kept) - self.counted

    @cached_property
    def criteria(self):
        """[(label, words, the address without it)] of what narrows the rows."""
        return [
            (label, words, link(self.query, **{name: None})) for name, label, words in self.filter.criteria
        ]

    @property
    def names_wholes(self):
        """Must a part say of which action it is, which may not stand above it?"""
        return bool(self.criteria) or self.sort != PLAN

    @property
    def heads(self):
        """[Head]: a first click sorts upwards, a second one downwards."""
        return [self._head(label, name) for label, name in COLUMNS]

    def _head(self, label, name):
        if not name:
            return Head("", label)
        order = {name: "ascending", f"-{name}": "descending"}.get(self.sort, "")
        return Head(name, label, link(self.query, tri=f"-{name}" if order == "ascending" else name), order)
