"""The demonstration: two campaigns of invented values, made by the same services as anybody's, and their removal.

What is invented is written in `fixtures/demonstration/`. Nothing is added to the plan, and nobody is written to.
"""

from datetime import datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from ruamel.yaml import YAML

from actions.models import Scheme, User
from indicators import review
from indicators.campaigns import create_campaign
from indicators.entry.evidence import attach, detach
from indicators.entry.lines import Entry, reports_for_entry, settle
from indicators.entry.sheet import Sheet
from indicators.entry.submission import submit
from indicators.forms_sheet import FigureForm, NarrativeForm
from indicators.models import (
    Campaign,
    CampaignKind,
    Evidence,
    Highlight,
    Measure,
    Notice,
    Period,
    Reading,
    ReadingChange,
    Remark,
    Report,
    ReportChange,
)
from spaser.files import delete_once_committed

DATA = Path(settings.BASE_DIR) / "fixtures" / "demonstration" / "pas-de-calais-2026.yaml"
NARRATIVE = ("state", *Report.SECTIONS)


class Unfit(ValueError):
    """The data does not suit the plan, the people or the rules; the message says where."""


def invented():
    """The data file as plain dicts, lists and texts: a value is a text, as somebody types it."""
    return YAML(typ="base", pure=True).load(DATA.read_text(encoding="utf-8"))


# Making


@transaction.atomic
def create(*, on):
    """The campaigns made, their dates set from `on`. A year that has a campaign already, invented or not, is left alone."""
    data = invented()
    scheme = Scheme.objects.select_related("organisation").get(slug=data["scheme"])
    taken = set(scheme.campaigns.filter(period=Period.YEAR).values_list("year", flat=True))
    found = {user.email: user for user in User.objects.filter(email__in=data["people"].values())}
    if missing := set(data["people"].values()) - set(found):
        raise Unfit(f"Il manque des comptes : {', '.join(sorted(missing))}.")
    people = {name: found[email] for name, email in data["people"].items()}
    calendar = {
        "opens_on": on - timedelta(days=int(data["opened"])),
        "closes_on": on + timedelta(days=int(data["closes"])),
        "corrections_until": on + timedelta(days=int(data["corrections"])),
    }
    making = {
        int(data["reference"]["year"]): (data["reference"], _Reference),
        int(data["collection"]["year"]): (data["collection"], _Collection),
    }
    return [
        maker(scheme, year, people, calendar).fill(part)
        for year, (part, maker) in making.items()
        if year not in taken
    ]


class _Making:
    """One campaign and what is put in it, step by step, each on its day."""

    kind: CampaignKind

    def __init__(self, scheme, year, people, calendar):
        self.people, self.opened, self.steps = people, calendar["opens_on"], 0
        self.campaign = create_campaign(
            by=people["CAAP"],
            at=self.moment(0),
            scheme=scheme,
            year=year,
            period=Period.YEAR,
            kind=self.kind,
            **calendar,
        )
        self.campaign.demonstration = True
        self.campaign.save(update_fields=["demonstration"])
        self.reports = Report.objects.filter(campaign=self.campaign)
        self.measures = {
            measure.code: measure
            for measure in Measure.objects.filter(scheme=scheme).select_related("indicator")
        }

    def moment(self, day):
        """A moment of that day after the opening, in the morning, later than any other of the same day."""
        self.steps += 1
        morning = datetime.combine(self.opened + timedelta(days=int(day)), time(8, 30))
        return timezone.make_aware(morning + timedelta(minutes=self.steps))

    def report(self, code):
        return reports_for_entry(self.reports).get(action__code=code)

    def enter(self, code, values, *, by, at):
        """Type `values`, {code of a measure: text, or {name of TYPED: text}}, in the sheet of the action `code`."""
        report = self.report(code)
        entries = [
            Entry(
                report.pk,
                self.measures[line].pk,
                typed if isinstance(typed, dict) else {"value": typed},
                where=line,
            )
            for line, typed in values.items()
        ]
        lines = settle(entries, by=by, at=at, reports=self.reports)
        wrong = [
            f"{line.entry.where} : {message}"
            for line in lines
            for message in (*line.messages, *([] if line.accepted else ["rien d’enregistré"]))
        ]
        if wrong:
            raise Unfit(f"{code}, {by} : {' ; '.join(wrong)}")

    def hand_in(self, code, *, by, at):
        if refused := submit(self.report(code), by=by, at=at, on=timezone.localdate(at)):
            raise Unfit(f"{code} : {refused}")

    def decide(self, move, code, **how):
        """Take a `move` of `indicators.review` on the sheet of the action `code`."""
        outcome = move(self.reports.filter(action__code=code), **how)
        if outcome.refused:
            raise Unfit(f"{code} : {outcome.refused[0][1]}")


class _Reference(_Making):
    """A former year: values alone, entered by one of the steering team and validated by another."""

    kind = CampaignKind.REFERENCE

    def fill(self, part):
        by, reviewer = self.people[part["entered_by"]], self.people[part["validated_by"]]
        for code, values in part["sheets"].items():
            self.enter(code, values, by=by, at=self.moment(0))
            self.hand_in(code, by=by, at=self.moment(0))
        given = self.reports.filter(action__code__in=part["sheets"])
        outcome = review.validate(given, by=reviewer, at=self.moment(1))
        if outcome.refused:
            raise Unfit(" ; ".join(outcome.reasons))
        return self.campaign


class _Collection(_Making):
    """The year that is being collected: sheets in every status, with questions and evidence."""

    kind = CampaignKind.COLLECTION

    def fill(self, part):
        for code, steps in part["sheets"].items():
            for step in steps:
                by, at = self.people[step["by"]], self.moment(step["day"])
                if "do" in step:
                    self.act(code, step, by=by, at=at)
                else:
                    self.write(code, step, by=by, at=at)
        self.campaign.synthesis = part["synthesis"]
        self.campaign.save(update_fields=["synthesis"])
        zoom = part["highlight"]
        action = self.report(zoom["sheet"]).action
        Highlight.objects.create(
            campaign=self.campaign, action=action, title=zoom["title"], text=zoom["text"]
        )
        # what happened before the demonstration began is no news to anybody
        Notice.objects.filter(report__campaign=self.campaign).update(sent_at=timezone.now())
        return self.campaign

    def write(self, code, step, *, by, at):
        if "values" in step:
            self.enter(code, step["values"], by=by, at=at)
        if step.keys() & {*NARRATIVE, "figures"}:
            self.tell(code, step, by=by, at=at)
        if "file" in step:
            self.support(code, step["file"], by=by, at=at)

    def tell(self, code, step, *, by, at):
        """Write the state, the texts and the other figures of a sheet, as its page does."""
        report = self.report(code)
        data = {f"{NarrativeForm.PREFIX}-was": "{}"}
        for name in NARRATIVE:
            data[f"{NarrativeForm.PREFIX}-{name}"] = step.get(name, getattr(report, name))
        for rank, figure in enumerate(step.get("figures", ())):
            data[f"d-nouvelle-{rank}-was"] = "{}"
            data |= {f"d-nouvelle-{rank}-{name}": figure.get(name, "") for name in FigureForm.NAMES}
        if not Sheet(report, user=by, on=timezone.localdate(at), data=data).save(at=at):
            raise Unfit(f"{code}, {by} : le récit n’est pas enregistré.")

    def support(self, code, file, *, by, at):
        report = self.report(code)
        reading = report.readings.get(measure__code=file["line"]) if "line" in file else None
        upload = SimpleUploadedFile(file["name"], file["text"].encode())
        attach(upload, report=report, reading=reading, by=by, at=at)

    def act(self, code, step, *, by, at):
        if step["do"] == "submit":
            self.hand_in(code, by=by, at=at)
        elif step["do"] == "validate":
            self.decide(review.validate, code, by=by, at=at)
        elif step["do"] == "ask":
            measure = self.measures[step["line"]] if "line" in step else None
            if refused := review.ask(self.report(code), by=by, at=at, text=step["text"], measure=measure):
                raise Unfit(f"{code} : {refused}")
        else:
            move = {"send_back": review.send_back, "reopen": review.reopen}[step["do"]]
            lines = {self.measures[line]: why for line, why in step.get("lines", {}).items()}
            self.decide(move, code, by=by, at=at, why=step.get("why", ""), lines=lines)


# Removing


def what_there_is():
    """{French plural: how many} of what the demonstration campaigns hold; only what there is some of."""
    of_report = {"report__campaign__demonstration": True}
    counts = {
        "campagnes": Campaign.objects.filter(demonstration=True).count(),
        "fiches": Report.objects.filter(campaign__demonstration=True).count(),
        "relevés": Reading.objects.filter(**of_report).count(),
        "remarques": Remark.objects.filter(**of_report).count(),
        "justificatifs": Evidence.objects.filter(**of_report).count(),
    }
    return {name: count for name, count in counts.items() if count}


@transaction.atomic
def remove():
    """Delete every demonstration campaign with all that hangs from it, files and history included, and nothing else."""
    campaigns = Campaign.objects.filter(demonstration=True)
    years = list(campaigns.values_list("pk", flat=True))
    reports = list(Report.objects.filter(campaign__in=years).values_list("pk", flat=True))
    for evidence in Evidence.objects.filter(report__in=reports):
        detach(evidence)
    for zoom in Highlight.objects.filter(campaign__in=years):
        delete_once_committed(zoom.picture)
    Reading.objects.filter(report__in=reports).delete()  # they hold their report: nothing takes them along
    campaigns.delete()
    # last, since the database has just written down each deletion; found by what it wrote, for the rows are gone
    for model, key, of in ((ReadingChange, "report_id", reports), (ReportChange, "campaign_id", years)):
        model.objects.filter(Q(**{f"before__{key}__in": of}) | Q(**{f"after__{key}__in": of})).delete()
