"""A whole sheet as one page saves it: narrative, steps, lines, other figures, evidence, questions; and what is left to do.

`Sheet` gathers what the page shows; `save` stores what is right and leaves the rest as it was typed, waiting in a PendingEntry.
"""

from functools import cached_property

from django.db.models import F

from indicators.entry.lines import IN_STEAD, Entry, compare, measures_to_fill, readings_of, store
from indicators.forms_sheet import STATES, FigureForm, LineForm, NarrativeForm, StepForm, TypedForm
from indicators.models import ExtraFigure, PendingEntry, Report, StepState
from indicators.perms import Act, place_of, refusal
from spaser.tracking import Door

EMPTY_FIGURES = 2
SAME_FIGURE = "Cet intitulé est déjà dans la fiche, sous le même titre."
OVERTAKEN = "Quelqu’un a {done} cela entre-temps{theirs}. Enregistrez de nouveau pour garder votre version."
CAME_BETWEEN = "{who} a changé cela entre-temps : « {theirs} ». Choisissez, ou réunissez les deux ici."


class Sheet:
    """The forms of one report for one person. `data` is what was typed (a mapping of texts), or None.

    `report` comes with campaign, scheme, organisation, action and its parent; `warnings` are those of `plausibility`.
    """

    def __init__(self, report, *, user, on, data=None, warnings=None):
        self.report, self.user, self.on, self.data = report, user, on, data
        self.place = place_of(user, report)
        self.refusals = {act: refusal(act, self.place, report, on) for act in Act}
        self.warnings = warnings or {}

    def may(self, act):
        return not self.refusals[act]

    @cached_property
    def measures(self):
        return measures_to_fill([self.report])[self.report.action_id]

    @cached_property
    def _stored(self):
        return readings_of([self.report])

    @cached_property
    def readings(self):
        """{measure.pk: Reading} of what is stored."""
        return {measure: reading for (_, measure), reading in self._stored.items()}

    @cached_property
    def narrative(self):
        return NarrativeForm(self.data, report=self.report)

    @cached_property
    def lines(self):
        return [
            LineForm(
                self.data,
                measure=measure,
                reading=self.readings.get(measure.pk),
                warnings=self.warnings.get(measure.pk, ()),
            )
            for measure in self.measures
        ]

    @cached_property
    def steps(self):
        steps = list(self.report.action.steps.order_by("parent__position", "position", "pk"))
        stored = {row.step_id: row for row in self.report.step_states.all()} if steps else {}
        return [StepForm(self.data, step=step, stored=stored.get(step.pk)) for step in steps]

    @cached_property
    def figures(self):
        figures = [FigureForm(self.data, figure=figure) for figure in self.report.extra_figures.all()]
        gone = [
            FigureForm(self.data, gone=pk) for pk in self._gone({str(form.figure.pk) for form in figures})
        ]
        return figures + gone + [FigureForm(self.data, rank=rank) for rank in range(EMPTY_FIGURES)]

    def _gone(self, stored):
        """The ids of the figures that somebody typed in and that are not `stored` any more."""
        for name in self.data or ():
            kind, _, pk = name.removesuffix("-was").partition("-")
            if kind == "d" and name.endswith("-was") and pk.isascii() and pk.isdigit() and pk not in stored:
                form = FigureForm(self.data, gone=pk)
                if form.changed and not form.removes:
                    yield pk

    @property
    def compared(self):
        """The Line of each LineForm that somebody typed in, as {measure.pk: Line}; errors are put beside the fields."""
        forms = {form.measure.pk: form for form in self.lines if form.is_bound and form.changed}
        entries = [
            Entry(self.report.pk, pk, form.typed, was=form.was_shown, seen=form.version_seen)
            for pk, form in forms.items()
        ]
        measures = {measure.pk: measure for measure in self.measures}
        places = {self.report.pk: self.place}
        reports, stored = {self.report.pk: self.report}, self._stored
        found = compare(entries, reports, measures, places, stored, on=self.on)
        return {line.measure.pk: line for line in found}

    @property
    def narrative_conflicts(self):
        """The names of the narrative that another changed meanwhile, to something else, and not chosen between yet."""
        form = self.narrative
        return [
            name
            for name, text in form.changed.items()
            if name in form.overtaken
            and not (form.choice(name) == "mine" and form.version_seen == self.report.version)
        ]

    def narrative_errors(self):
        """{name: message} of the narrative: what is wrong, what this person may not write, what another wrote meanwhile."""
        form = self.narrative
        if form.changed and self.refusals[Act.WRITE]:
            return dict.fromkeys(form.changed, self.refusals[Act.WRITE])
        errors = dict(form.errors_found)
        for name in self.narrative_conflicts:
            theirs = dict(STATES).get(form.shown[name], form.shown[name])
            errors[name] = CAME_BETWEEN.format(who=self.report.changed_by or "Quelqu’un", theirs=theirs)
        return errors

    # saving

    def save(self, *, at, door=Door.FORM):
        """Store all that is right; True when nothing is left waiting. In a transaction that holds the report's row."""
        waiting = self._save_lines(at, door)
        waiting |= self._save_narrative(at, door)
        if self._touched("e-"):
            waiting |= self._save_steps()
        if self._touched("d-"):
            waiting |= self._save_figures()
        keep(
            self.report,
            self.user,
            {name: text for name, text in self.data.items() if _form_of(name) in waiting},
            at,
        )
        return not waiting

    def _touched(self, kind):
        """Is a form of this kind not as it was shown? Asked of the texts alone, so that an untouched one costs no query."""
        return any(
            TypedForm(self.data, prefix=name.removesuffix("-was"), shown={}).is_touched
            for name in self.data
            if name.startswith(kind) and name.endswith("-was")
        )

    def _save_lines(self, at, door):
        """The prefixes of the lines that could not be saved."""
        lines = self.compared
        store(lines.values(), by=self.user, at=at, door=door, places={self.report.pk: self.place})
        return {f"l-{line.measure.code}" for line in lines.values() if line.errors or line.conflicts}

    def _save_narrative(self, at, door):
        errors = self.narrative_errors()
        changed = {name: text.strip() for name, text in self.narrative.changed.items() if name not in errors}
        if changed:
            Report.objects.filter(pk=self.report.pk).update(
                **changed,
                version=F("version") + 1,
                door=door,
                changed_by=self.user,
                changed_at=at,
                changed_why=IN_STEAD if self.place.in_stead else "",
            )
        return {NarrativeForm.PREFIX} if errors else set()

    def _save_steps(self):
        changed = [form for form in self.steps if form.changed]
        if self.refusals[Act.WRITE]:
            return {form.prefix for form in changed}
        right = [form for form in changed if not form.errors_found and not form.overtaken]
        gone = [form.step.pk for form in right if not form.typed["state"]]
        if gone:
            StepState.objects.filter(report=self.report, step__in=gone).delete()
        given = [
            StepState(report=self.report, step=form.step, state=form.typed["state"])
            for form in right
            if form.typed["state"]
        ]
        StepState.objects.bulk_create(
            given, update_conflicts=True, unique_fields=["report", "step"], update_fields=["state"]
        )
        return {form.prefix for form in changed if form not in right}

    def _save_figures(self):
        waiting = set()
        kept = {(form.figure.heading, form.figure.label): form.prefix for form in self.figures if form.figure}
        for rank, form in enumerate(self.figures):
            if not form.changed:
                continue
            if self.refusals[Act.WRITE] or form.overtaken:
                waiting.add(form.prefix)
            elif form.figure and form.typed["remove"]:
                form.figure.delete()
            else:
                figure, errors = form.apply(self.report)
                if errors or kept.setdefault((figure.heading, figure.label), form.prefix) != form.prefix:
                    waiting.add(form.prefix)
                else:
                    figure.position = figure.position if figure.pk else rank
                    figure.save()
        return waiting

    @property
    def unsaved_typing(self):
        """What of `data` is not stored, as {name: text}: it may have been saved since, and a colleague may have saved the rest."""
        news = {form.prefix for form in self.forms if form.is_news}
        asked = self.report.remarks.filter(author=self.user).values_list("text", flat=True)
        known = {"", *(asked if any(self._questions) else ())}
        return {
            name: text
            for name, text in self.data.items()
            if _form_of(name) in news or (name.startswith("q-") and text.strip() not in known)
        }

    # what the page says of what waits

    @property
    def forms(self):
        return [self.narrative, *self.lines, *self.steps, *self.figures]

    @property
    def restored(self):
        """Is something shown that was typed and not saved?"""
        return self.data is not None and (any(form.changed for form in self.forms) or any(self._questions))

    @property
    def faults(self):
        """[(id, label, message)] of all that is signalled on the page, once `say` has put it there."""
        found = []
        for form in self.forms if self.data is not None else ():
            for name, messages in form.errors.items():
                label = form.fields[name].label if name in form.fields else ""
                anchor = form.add_prefix(name) if label else form.anchor
                said = f"{form.title}{label}".removesuffix(" : ")
                found += [(anchor, said, message) for message in messages]
            if getattr(form, "conflict", None):
                found.append(
                    (
                        form.anchor,
                        form.title.removesuffix(" : "),
                        "modifié entre-temps par quelqu’un d’autre : choisissez.",
                    )
                )
        return found

    @property
    def unsaved(self):
        """[(label, text)] of what this person typed and that can no longer be saved."""
        if self.data is None:
            return []
        return [
            (f"{form.title}{form.fields[name].label}", text)
            for form in self.forms
            for name, text in form.changed.items()
            if text
        ]

    @property
    def _questions(self):
        return [text for name, text in (self.data or {}).items() if name.startswith("q-") and text.strip()]

    def question(self, code):
        """A question typed on a line, or on the whole (« fiche »), and not asked yet."""
        return (self.data or {}).get(f"q-{code}", "")

    def say(self):
        """Put beside the fields what stops what was typed; a line in conflict has the Line as `conflict`."""
        if self.narrative.is_bound:
            self.narrative.follow()
            self.narrative.say(self.narrative_errors())
            for name in self.narrative_conflicts:
                self.narrative.ask_to_choose(name, self.report.version)
        compared = self.compared
        for form in self.lines:
            line = compared.get(form.measure.pk)
            form.conflict = line if line and line.conflicts else None
            if line:
                form.say(line.errors)
            if form.conflict:
                form.ask_to_choose("line", line.stored.version if line.stored else 0)
        refused = {"state": self.refusals[Act.WRITE]} if self.refusals[Act.WRITE] else {}
        for form in self.steps:
            if form.changed:
                self._say(form, refused or form.errors_found)
        for form in self.figures:
            if form.changed and form.overtaken:
                self._say(form, {})
            elif form.changed and not form.typed.get("remove"):
                figure, errors = form.apply(self.report)
                form.say(errors or self._same_figure(figure))

    def _say(self, form, errors):
        """`errors`, or what another has changed meanwhile: of a form without versions, the next save decides."""
        theirs = {
            name: dict(STATES).get(text, text) if name == "state" else text
            for name, text in form.overtaken.items()
        }
        form.say(errors or {name: overtaken(text) for name, text in theirs.items()})
        if theirs and not errors:
            form.show_again()

    def _same_figure(self, figure):
        others = ExtraFigure.objects.filter(report=self.report, heading=figure.heading, label=figure.label)
        return {"label": SAME_FIGURE} if others.exclude(pk=figure.pk).exists() else {}


def overtaken(theirs):
    """The sentence on what another has made of a field meanwhile."""
    return OVERTAKEN.format(done="changé" if theirs else "effacé", theirs=theirs and f" : « {theirs} »")


def _form_of(name):
    """« l-ENV-2.3.A-2 » of « l-ENV-2.3.A-2-value »: the prefix of the form to which a field belongs."""
    return name.rpartition("-")[0]


def keep(report, user, data, at):
    """Keep what was typed and not saved, for this person; nothing to keep forgets it."""
    if data:
        PendingEntry.objects.update_or_create(
            report=report, user=user, defaults={"data": data, "typed_at": at}
        )
    else:
        PendingEntry.objects.filter(report=report, user=user).delete()


def pending_of(report, user):
    """The PendingEntry of this person on the report, or None."""
    return PendingEntry.objects.filter(report=report, user=user).first()
