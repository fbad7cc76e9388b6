"""What came back, held against what is stored: shown before anything is saved, then saved as it was shown.

Between the two, what was typed travels with the page as bounded JSON (`packed`, `unpacked`) and passes all checks again.
"""

import json
from dataclasses import dataclass, field, replace

from indicators.entry.answers import LABELS, REASON, TYPED, VALUE, parse_answer, typed_of
from indicators.entry.lines import Entry, Line, settle, shown
from indicators.entry.plausibility import warnings_once_saved
from indicators.entry.scope import Scope
from indicators.entry.upload import Problem, TypedRow
from indicators.entry.workbook import cleaned
from indicators.models import Measure, Reading, Report
from indicators.rules import in_force

MAX_PACKED = 2_000_000  # characters: under what a request may hold
TOO_MUCH = "Trop de changements d’un coup : déposez le classeur en plusieurs fois, par exemple une direction après l’autre."
IN_VALUE = {*VALUE, *REASON, "qualifier"}  # names that the printed value already says


@dataclass
class Item:
    """A line of the preview: what was typed, what it changes, and what surprises in it."""

    row: TypedRow
    line: Line
    warnings: list[str] = field(default_factory=list)

    @property
    def measure(self):
        return self.line.measure

    @property
    def erased(self):
        return bool(self.line.before) and not self.line.after

    @property
    def details(self):
        """What changes beside the printed value: « Source : « OMNIA » → « CHORUS » »."""
        before = typed_of(self.measure, self.line.stored)
        after = typed_of(self.measure, self.line.wanted)
        return [
            f"{LABELS[name]} : {_quoted(before[name])} → {_quoted(after[name])}"
            for name in TYPED
            if before[name] != after[name] and name not in IN_VALUE
        ]

    @property
    def at_download(self):
        """The value that was shown when the person began, as it is printed."""
        fields, errors = parse_answer(self.measure, self.row.was or {})
        if errors:
            return " / ".join(text for name in VALUE if (text := (self.row.was or {}).get(name)))
        return shown(Reading(report=self.line.report, measure=self.measure, **fields))

    @property
    def version(self):
        return self.line.stored.version if self.line.stored else 0

    @property
    def choice(self):
        """The name of the field by which the person says whose value stays."""
        return f"take-{self.measure.code}"


def _quoted(text):
    return f"« {text} »" if text else "rien"


@dataclass
class Preview:
    """`changes` are saved on confirmation, `conflicts` as the person chooses, nothing of `problems`."""

    changes: list[Item] = field(default_factory=list)
    conflicts: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unchanged: int = 0
    ignored: list[str] = field(default_factory=list)
    packed: str = ""


def preview_of(table, scope, *, at):
    """The Preview of a Table; nothing is saved. Constant queries."""
    rows, refused, problems = _resolved(table.rows, scope)
    lines = settle_rows(rows, scope, at=at, save=False)
    preview = sorted_out(rows, lines, scope, refused)
    preview.problems = [*table.problems, *problems, *preview.problems]
    preview.unchanged += sum(not row.typed for row in table.rows)
    preview.ignored = table.ignored
    if len(preview.packed) > MAX_PACKED:
        return Preview(problems=[Problem("", "", TOO_MUCH)])
    return preview


def sorted_out(rows, lines, scope, refused=()):
    """The Preview of the Lines of `rows`; what was typed in the grid and `refused` travels too, so that it is not lost."""
    preview = Preview()
    items = [Item(row, line) for row, line in zip(rows, lines, strict=True)]
    for item in items:
        if item.line.errors:
            preview.problems += _problems(item)
        elif item.line.conflicts:
            preview.conflicts.append(item)
        elif item.line.accepted:
            preview.changes.append(item)
        else:
            preview.unchanged += 1
    _warn([*preview.changes, *preview.conflicts], scope)
    travelling = [_as_shown(item) for item in items if item.line.errors or item.line.changes]
    preview.packed = packed([*travelling, *(row for row in refused if not row.where)])
    return preview


def _as_shown(item):
    """The row with the version that the preview shows, so that a change after it is told; a stale one keeps its own."""
    return item.row if item.line.stale else replace(item.row, seen=item.version)


def _problems(item):
    for name in ("", *TYPED):
        if message := item.line.errors.get(name):
            words = f"{LABELS[name]} : {message}" if name else message
            yield Problem(item.row.place(name), item.row.code, words)


def settle_rows(rows, scope, *, at, save, **options):
    """The Lines of `rows`, whose codes are all known; see `lines.settle`."""
    slots = [scope.by_code[row.code] for row in rows]
    entries = [
        Entry(slot.report.pk, slot.measure.pk, row.typed, row.was, row.seen, row.where)
        for slot, row in zip(slots, rows, strict=True)
    ]
    reports = Report.objects.visible_to(scope.user).filter(campaign=scope.campaign)
    return settle(entries, by=scope.user, at=at, reports=reports, save=save, **options)


def _resolved(rows, scope):
    """(rows of which something was typed, with the code as the plan writes it; those that are refused; their Problems)."""
    folded = {code.casefold(): code for code in scope.by_code}
    rows = [replace(row, code=folded.get(row.code.casefold(), row.code)) for row in rows]
    by_code = {}
    for row in rows:
        by_code.setdefault(row.code, []).append(row)
    unknown = _unknown([code for code in by_code if code not in scope.by_code], scope)
    kept, refused, problems = [], [], []
    for code, same in by_code.items():
        if not any(row.typed for row in same):
            continue
        if len(same) > 1:
            places = " ; ".join(row.where or "la grille" for row in same)
            refused += same
            problems.append(Problem(same[-1].where, code, f"Ce code est donné {len(same)} fois : {places}."))
        elif code in unknown:
            refused += same
            problems.append(Problem(same[0].where, code[:60], unknown[code]))
        else:
            kept.append(same[0])
    return kept, refused, problems


def _unknown(codes, scope):
    """{code: why it is not one that the person may fill}; a query when there are any."""
    if not codes:
        return {}
    campaign = scope.campaign
    measures = Measure.objects.filter(scheme=campaign.scheme, code__in=codes)
    found = {m.code: m for m in measures.select_related("indicator__action", "item")}
    return {code: _why_not(found.get(code), campaign) for code in codes}


def _why_not(measure, campaign):
    if measure is None:
        return "Ce code n’est celui d’aucune grandeur du schéma."
    if measure.is_computed:
        return "Cette grandeur se calcule : elle ne se saisit pas."
    if not in_force(measure, campaign.year):
        return f"Cette grandeur n’est pas en vigueur en {campaign.year}."
    return "Cette ligne n’est pas de celles que vous pouvez remplir."


def _warn(items, scope: Scope):
    """Say of each item what surprises in its value."""
    if not items:
        return
    campaign = scope.campaign
    warnings = warnings_once_saved([item.line.wanted for item in items], scope.series, campaign)
    for item in items:
        item.warnings = warnings.get(item.measure.pk, [])


def packed(rows):
    """`rows` as the JSON that travels with the page."""
    return json.dumps([vars(row) for row in rows], ensure_ascii=False, separators=(",", ":"))


def unpacked(text):
    """The rows of `packed`; ValueError when they are not what a page of ours sends."""
    if len(text) > MAX_PACKED:
        raise ValueError("too long")
    try:
        rows = json.loads(text)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(rows, list):
        raise ValueError("not rows")
    return [_row(row) for row in rows]


def _row(row):
    try:
        row = TypedRow(**row)
    except TypeError as error:
        raise ValueError("not a row") from error
    texts = [row.code, row.where, *_texts(row.typed), *_texts(row.was), *_texts(row.cells)]
    version = row.seen is None or (type(row.seen) is int and 0 <= row.seen < 2**31)
    if row.typed is None or row.cells is None:
        raise ValueError("not a row")
    if not version or not all(isinstance(text, str) for text in texts):
        raise ValueError("not a row")
    named = {name: _cleaned(getattr(row, name)) for name in ("typed", "was", "cells")}
    return replace(row, code=cleaned(row.code), where=cleaned(row.where), **named)


def _cleaned(named):
    return named and {name: cleaned(text) for name, text in named.items()}


def _texts(named):
    """The texts of a {name of TYPED: text}, or none; ValueError for anything else."""
    if named is None:
        return []
    if not isinstance(named, dict) or not named.keys() <= set(TYPED):
        raise ValueError("not what is typed")
    return named.values()


@dataclass
class Saved:
    """What a confirmation did: how many lines it saved, and the Preview of those that it could not."""

    count: int
    left: Preview


def save_rows(rows, choices, scope, *, at, door):
    """Save what was shown and confirmed. `choices`: {code: version} of the conflicts where the person's own value is taken.

    A conflict that was shown and is not in `choices` keeps what is stored; what another has changed since the preview
    comes back as a conflict.
    """
    rows, refused, problems = _resolved(rows, scope)
    taken = [replace(row, seen=choices.get(row.code, row.seen)) for row in rows]
    lines = settle_rows(taken, scope, at=at, save=True, door=door)
    accepted = [line.accepted for line in lines]
    left = [pair for pair, saved in zip(zip(taken, lines, strict=True), accepted, strict=True) if not saved]
    preview = sorted_out([row for row, _ in left], [line for _, line in left], scope, refused)
    preview.problems = [*problems, *preview.problems]
    return Saved(sum(accepted), preview)
