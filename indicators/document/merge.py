"""Brings a scheme's document into the database: all of it or nothing, and never over what the site owns.

For each field there are three voices: what the document says now, what it said when it was last loaded, and what
is stored. Where only the document changed, the row follows it; where only the site changed, the row stays;
where both did and disagree, the row stays and a notice says so.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, RestrictedError

from actions.models import Organisation, Origin, Scheme, SchemeDocument
from actions.rules import check
from indicators import rules  # noqa: F401  (registers the rules of this app)
from indicators.document.checks import (
    applies,
    beyond_key,
    carries_site_rows,
    check_constraints,
    check_fields,
    parents_as_saved,
    readings_on,
    unique_values,
)
from indicators.document.levels import LEVELS
from indicators.document.parsing import where
from indicators.document.source import DocumentErrors, Problem, as_written, read_document
from indicators.document.stored import stored_rows
from indicators.models import Reading, Report, ReportStatus
from spaser.tracking import Door

RELOADED = "document chargé de nouveau"
GONE = "n’est plus dans le document"


@dataclass
class Outcome:
    """What a loading did. `notices` are sentences for the person who loads."""

    scheme: Scheme | None = None
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    notices: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)  # the places of what is created, and of what is updated
    changed: list[str] = field(default_factory=list)

    @property
    def changed_nothing(self):
        return not (self.created or self.updated or self.removed)


class WouldOrphan(Exception):
    """The document no longer has these rows. `lines` say which; nothing was changed."""

    def __init__(self, lines):
        self.lines = lines
        super().__init__("\n".join(lines))


@transaction.atomic
def load(text, *, file, at, prune=False):
    """Merge one document; the Outcome. Raises DocumentErrors or WouldOrphan, and then changes nothing.

    `at` is the moment written into the history of reports and readings. With `prune`, rows that the document
    no longer has are removed, except those that carry readings: these stay, as the site's own.
    """
    entries, problems = read_document(text, file)
    return load_entries(entries, problems, file=file, at=at, prune=prune)


@transaction.atomic
def load_entries(entries, problems, *, file, at, prune=False, levels=frozenset(LEVELS), name_of=as_written):
    """`load`, of a document that is read already, with what is wrong with it so far.

    It speaks of these `levels` alone: what the scheme has of the others stays as it is.
    """
    if not entries:
        raise DocumentErrors(problems)
    return Merge(entries, problems, file=file, at=at, prune=prune, levels=levels, name_of=name_of).run()


class Merge:
    def __init__(self, entries, problems, *, file, at, prune, levels, name_of):
        self.entries = entries
        self.problems = problems
        self.file = file
        self.at = at
        self.prune = prune
        self.levels = levels
        self.name_of = name_of
        self.instances = {}
        self.changed = []
        self.to_point = []  # (row, reference, entry), once every row is there
        self.removed = set()  # what the document still has and the site has removed
        self.outcome = Outcome()

    def run(self):
        self.stored, self.keys, self.base = self._what_is_there()
        # Within a level, what others point to comes first: « répète » and « tient lieu de » are one step deep.
        order = {name: rank for rank, name in enumerate(LEVELS)}
        ordered = sorted(
            self.entries.values(),
            key=lambda entry: (
                order[entry.level.name],
                bool({"duplicate_of", "alternative_to"} & set(entry.refs)),
            ),
        )
        for entry in ordered:
            self._merge(entry)
        for pending in self.to_point:
            self._point(*pending)
        self._validate()
        if self.problems:
            raise DocumentErrors(self.problems)
        lost = self._orphans()
        for entry, instance, new in self.changed:
            instance.save()
            self.outcome.created += new
            self.outcome.updated += not new
            (self.outcome.added if new else self.outcome.changed).append(entry.place)
        self._remove(lost)  # once nothing points to them any more, and what moved away from them has moved
        self._check_together()
        self.outcome.scheme = self.instances[next(key for key in self.instances if key.startswith("scheme "))]
        self._remember()
        return self.outcome

    def _what_is_there(self):
        """The rows that a document of this scheme may own, their keys, and what it said last time."""
        scheme_entry = next(entry for entry in self.entries.values() if entry.level.name == "scheme")
        slug = scheme_entry.values.get("slug")
        scheme = Scheme.objects.select_related("organisation").filter(slug=slug).first()
        if scheme:
            self._check_owner(scheme, scheme_entry)
            base = SchemeDocument.objects.filter(scheme=scheme).values_list("entries", flat=True).first()
            return *stored_rows(scheme.organisation, scheme), base or {}
        organisation_slug = scheme_entry.parent.values.get("slug")
        organisation = Organisation.objects.filter(slug=organisation_slug).first()
        if organisation is None:
            return {}, {}, {}
        # a new scheme of a known organisation: its directions and buyers are already there
        return *stored_rows(organisation), {}

    def _check_owner(self, scheme, entry):
        said, known = entry.parent.values.get("slug"), scheme.organisation.slug
        if said != known and "slug" not in entry.parent.faulty:
            self._problem(entry, f"ce schéma est celui de la collectivité « {known} ».")
            raise DocumentErrors(self.problems)

    def _merge(self, entry):
        stored = self.stored.get(entry.key)
        if stored is None and self._was_removed(entry):
            return
        if stored is None:
            instance = self._new(entry)
            self.instances[entry.key] = instance
            self.changed.append((entry, instance, True))
            return
        instance = self.instances[entry.key] = stored.instance
        if self._update(entry, stored):
            self.changed.append((entry, instance, False))
        else:
            self.outcome.unchanged += 1

    def _was_removed(self, entry):
        """Has the site removed this row, or what it hangs on? Then it stays removed, and a notice says so."""
        hangs_on = {entry.parent.key if entry.parent else "", *entry.refs.values()}
        if hangs_on & self.removed:
            self.removed.add(entry.key)
            return True
        if entry.key not in self.base:
            return False
        self.removed.add(entry.key)
        self.outcome.notices.append(f"{entry.place} : dans le document, mais retiré sur le site.")
        return True

    def _new(self, entry):
        instance = entry.level.model()
        for name, value in entry.values.items():
            setattr(instance, name, value)
        self.to_point += [(instance, name, entry) for name in entry.refs]
        self._place(instance, entry)
        if hasattr(instance, "origin"):
            instance.origin = Origin.DOCUMENT
        if isinstance(instance, Report):
            instance.status = ReportStatus.VALIDATED  # what a document publishes has been reviewed
        if isinstance(instance, (Report, Reading)):
            instance.door, instance.changed_at = Door.DOCUMENT, self.at
        return instance

    def _update(self, entry, stored):
        """Follow the document where it alone changed; True when the row did."""
        instance, base = stored.instance, self.base.get(entry.key)
        now, says = stored.serialised(self.keys), entry.serialised()
        changed = False
        for name, said in says.items():
            if name == "parent" or said == now.get(name):
                self.to_point += [(instance, name, entry)] if name in entry.refs else []
                continue
            before = base.get(name) if base else None
            if not stored.from_document or (base is not None and now.get(name) != before):
                if base is None or said != before:
                    self._notice(entry, name, said, now.get(name))
                continue
            if base is None and entry.level.name in ("organisation", "buyer", "direction"):
                self._notice(
                    entry, name, said, now.get(name)
                )  # another document of the organisation spoke first
                continue
            changed = True
            if name in entry.values:
                setattr(instance, name, entry.values[name])
            elif name in entry.refs:
                self.to_point.append((instance, name, entry))
        changed |= self._clear_refs(entry, instance, now, base)
        if base is None or now["parent"] == base["parent"]:  # otherwise the site has moved it
            changed |= self._place(instance, entry)
        if changed and isinstance(instance, (Report, Reading)):
            instance.version += 1
            instance.door, instance.changed_by, instance.changed_at = Door.DOCUMENT, None, self.at
            instance.changed_why = RELOADED
        return changed

    def _clear_refs(self, entry, instance, now, base):
        """A reference that the document made last time and no longer makes."""
        changed = False
        for name, _ in entry.level.refs:
            if name not in entry.refs and base and base.get(name) and now.get(name) == base.get(name):
                setattr(instance, name, None)
                changed = True
        return changed

    def _point(self, instance, name, entry):
        target = self.instances.get(entry.refs[name])
        if target is None and name == "predecessor":
            target = Scheme.objects.filter(slug=entry.refs[name]).first()
            if target is None:
                said = self.name_of(entry.level.name, name)
                self._problem(entry, f"{said} : le schéma « {entry.refs[name]} » n’est pas chargé.", name)
        if target is not None:
            setattr(instance, name, target)

    def _place(self, instance, entry):
        """Set the parent, the scheme and the rank; True when one of them changed."""
        places = {}
        parent = self.instances.get(entry.parent.key) if entry.parent else None
        for owner, name in entry.level.parents:
            places[name] = parent if entry.parent and entry.parent.level.name == owner else None
        if entry.level.name in ("action", "step") and places.get("parent") is not None:
            above = "objective" if entry.level.name == "action" else "action"
            places[above] = getattr(places["parent"], above)
        if entry.level.has_scheme:
            scheme = entry
            while scheme.level.name != "scheme":
                scheme = scheme.parent
            places["scheme"] = self.instances[scheme.key]
        changed = False
        for name, target in places.items():
            if getattr(instance, f"{name}_id") != (target.pk if target else None) or instance.pk is None:
                changed = True
            setattr(
                instance, name, target
            )  # in any case, so that the rules see what this loading makes of it
        if entry.level.has_position and instance.position != entry.position:
            instance.position = entry.position
            changed = True
        return changed

    def _validate(self):
        """Every rule on every row that changes, before anything is written.

        What is wrong with a row hides what would only follow from it: its own rules, and those of what hangs on it.
        """
        for entry, instance, _ in self.changed:
            try:
                check_fields(instance, entry.faulty)
            except ValidationError as error:
                self._report(entry, error)
                entry.faulty.update(error.error_dict)
        doubtful = self._doubtful()
        sound = [
            (entry, instance)
            for entry, instance, _ in self.changed
            if not entry.faulty and entry.key not in doubtful
        ]
        for entry, instance in sound:
            try:
                check_constraints(instance)
            except ValidationError as error:
                self._report(entry, error)
        self._check_unique(sound)
        by_instance = {id(instance): entry for entry, instance in sound}
        for instance, error in check([instance for _, instance in sound]):
            self._report(by_instance[id(instance)], error)

    def _doubtful(self):
        """The keys of entries that cannot be relied on, and of all that hangs on them or points to them."""
        leaning = defaultdict(list)
        for key, entry in self.entries.items():
            refs = {
                entry.refs[name]
                for name, target in entry.level.refs
                if name in entry.refs and target != "scheme"
            }
            for other in refs | ({entry.parent.key} if entry.parent else set()):
                leaning[other].append(key)
        waiting = [key for key, entry in self.entries.items() if not entry.usable]
        waiting += [key for key in leaning if key not in self.instances]
        doubtful = set(waiting)
        while waiting:
            new = set(leaning[waiting.pop()]) - doubtful
            doubtful |= new
            waiting += new
        return doubtful

    def _check_unique(self, sound):
        """What must differ from row to row beyond the document's keys, among these rows and with those that are stored."""
        seen = {}
        for entry, instance in sound:
            for constraint in beyond_key(entry.level):
                values = unique_values(constraint, instance)
                if None in values:
                    continue
                other = seen.setdefault((constraint.name, *values), entry)
                if other is not entry and applies(constraint, instance):
                    self._problem(entry, f"{constraint.violation_error_message[:-1]}, {where(other.line)}.")
                    continue
                try:
                    with parents_as_saved(instance):
                        constraint.validate(type(instance), instance)
                except ValidationError as error:
                    self._report(entry, error)

    def _check_together(self):
        """Once all is stored, the rules that look from the other side, for unchanged rows too."""
        if self.changed:
            places = {
                id(self.instances[key]): entry for key, entry in self.entries.items() if key in self.instances
            }
            for instance, error in check([self.instances[key] for key in self.instances]):
                self._report(places[id(instance)], error)
        if self.problems:
            raise DocumentErrors(self.problems)

    def _report(self, entry, error):
        if hasattr(error, "error_dict"):
            for name, messages in error.message_dict.items():
                for message in messages:
                    said = "" if name == "__all__" else f"{self.name_of(entry.level.name, name)} : "
                    self._problem(entry, f"{said}{message}", name)
        else:
            for message in error.messages:
                self._problem(entry, message)

    def _problem(self, entry, reason, name=""):
        self.problems.append(Problem(self.file, entry.lines.get(name, entry.line), entry.place, reason))

    def _notice(self, entry, name, said, stored):
        self.outcome.notices.append(
            f"{entry.place} : {self.name_of(entry.level.name, name)} : le document dit « {said} », le site garde « {stored} »."
        )

    def _orphans(self):
        """The stored rows that the document had and no longer has, parents first; refused unless we prune."""
        lost = [
            stored
            for key, stored in self.stored.items()
            if key in self.base
            and key not in self.entries
            and stored.from_document
            and stored.level.name in self.levels
        ]
        if lost and not self.prune:
            raise WouldOrphan([self._orphan_line(stored) for stored in lost])
        return lost

    def _orphan_line(self, stored):
        line = f"{stored.instance._meta.verbose_name} « {stored.instance} » {GONE}"
        readings = readings_on(stored.instance)
        return f"{line} ; {readings} relevé(s) en dépendent." if readings else f"{line}."

    def _remove(self, lost):
        """Remove what can be removed, in as many rounds as they hang on one another; the rest becomes the site's."""
        before = None
        while lost and len(lost) != before:
            before = len(lost)
            lost = [stored for stored in reversed(lost) if not self._removed(stored.instance)][::-1]
        for stored in lost:
            self._sign_over(stored.instance)
            self.outcome.notices.append(f"{self._orphan_line(stored)} Gardé, désormais au nom du site.")

    def _removed(self, instance):
        if isinstance(instance, Reading):
            return False
        try:
            if carries_site_rows(instance):
                return False
            with transaction.atomic():
                instance.delete()
        except (ProtectedError, RestrictedError):
            return False
        self.outcome.removed += 1
        return True

    def _sign_over(self, instance):
        """From the document's hands into those of the site: the next export leaves it out."""
        if isinstance(instance, Report):  # by the other doors, a validated report says when it was handed in
            instance.submitted_at = instance.submitted_at or instance.changed_at
            instance.validated_at = instance.validated_at or instance.changed_at
        if isinstance(instance, (Report, Reading)):
            instance.version += 1
            instance.door, instance.changed_by, instance.changed_at = Door.FORM, None, self.at
            instance.changed_why = GONE
            instance.save()
        elif hasattr(instance, "origin"):
            type(instance)._base_manager.filter(pk=instance.pk).update(origin=Origin.SITE)

    def _remember(self):
        kept = {key: said for key, said in self.base.items() if key.partition(" ")[0] not in self.levels}
        entries = kept | {key: entry.serialised() for key, entry in self.entries.items()}
        scheme = self.outcome.scheme
        document = SchemeDocument.objects.filter(scheme=scheme).first()
        if document is None or document.entries != entries:
            SchemeDocument.objects.update_or_create(
                scheme=scheme, defaults={"entries": entries, "loaded_at": self.at}
            )
