"""One minimal factory per model. Give the nearest parent, and the rest follows in its scheme and organisation:

ActionFactory(objective=objective), ActionFactory(parent=action), ActionFactory(objective__pillar__scheme=scheme),
ReportFactory(campaign=campaign, validated=True), ReadingFactory(report=report, measure__type="boolean", boolean=True)
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from actions import models as plan
from actions.services import create_credential
from indicators import models as data
from reporting import models as reporting
from reporting.editions.bilan import Bilan
from reporting.editions.frozen import freeze
from reporting.editions.imprint import Imprint
from spaser.tracking import Door

ENTERED_AT = datetime(2027, 1, 15, 9, tzinfo=UTC)
SUBMITTED_AT = datetime(2027, 2, 1, 9, tzinfo=UTC)
VALIDATED_AT = datetime(2027, 3, 1, 9, tzinfo=UTC)


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = plan.Organisation

    slug = factory.Sequence(lambda n: f"collectivite-{n}")
    name = factory.Sequence(lambda n: f"Collectivité {n}")


class BuyerFactory(DjangoModelFactory):
    class Meta:
        model = plan.Buyer

    organisation = factory.SubFactory(OrganisationFactory)
    code = factory.Sequence(lambda n: f"ACH{n}")
    name = factory.Sequence(lambda n: f"Acheteur {n}")


class DirectionFactory(DjangoModelFactory):
    class Meta:
        model = plan.Direction

    organisation = factory.SubFactory(OrganisationFactory)
    code = factory.Sequence(lambda n: f"DIR{n}")
    name = factory.Sequence(lambda n: f"Direction {n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = plan.User

    email = factory.Sequence(lambda n: f"agent{n}@example.org")


class MembershipFactory(DjangoModelFactory):
    """A steering team member; with a `direction`, a pilot of it."""

    class Meta:
        model = plan.Membership

    user = factory.SubFactory(UserFactory)
    direction = None
    organisation = factory.Maybe(
        "direction", factory.SelfAttribute("direction.organisation"), factory.SubFactory(OrganisationFactory)
    )
    role = factory.LazyAttribute(lambda row: plan.Role.PILOT if row.direction else plan.Role.STEERING)


class CredentialFactory(DjangoModelFactory):
    """A key to read with, open for a year from today; its `token` is on the row that this gives, and nowhere else."""

    class Meta:
        model = plan.Credential

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Logiciel {n}")
    scope = plan.Scope.READ
    expires_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=365))
    by = factory.SubFactory(UserFactory)
    at = ENTERED_AT

    @classmethod
    def _create(cls, model_class, **kwargs):
        credential, token = create_credential(**kwargs)
        credential.token = token
        return credential


class OrganisationPageFactory(DjangoModelFactory):
    """The text of an organisation on the legal notice."""

    class Meta:
        model = plan.OrganisationPage

    organisation = factory.SubFactory(OrganisationFactory)
    page = plan.PageName.LEGAL_NOTICE
    text = "Éditeur : la collectivité."
    changed_by = factory.SubFactory(UserFactory)
    changed_at = ENTERED_AT


class SchemeFactory(DjangoModelFactory):
    class Meta:
        model = plan.Scheme

    organisation = factory.SubFactory(OrganisationFactory)
    slug = factory.Sequence(lambda n: f"spaser-{n}")
    title = factory.Sequence(lambda n: f"SPASER {n}")


class PillarFactory(DjangoModelFactory):
    class Meta:
        model = plan.Pillar

    scheme = factory.SubFactory(SchemeFactory)
    code = factory.Sequence(lambda n: f"P{n}")
    title = factory.Sequence(lambda n: f"Pilier {n}")


class ObjectiveFactory(DjangoModelFactory):
    class Meta:
        model = plan.Objective

    pillar = factory.SubFactory(PillarFactory)
    scheme = factory.SelfAttribute("pillar.scheme")
    code = factory.Sequence(lambda n: f"O{n}")
    title = factory.Sequence(lambda n: f"Objectif {n}")


class ActionFactory(DjangoModelFactory):
    """An action, or a part of `parent`."""

    class Meta:
        model = plan.Action

    parent = None
    objective = factory.Maybe(
        "parent", factory.SelfAttribute("parent.objective"), factory.SubFactory(ObjectiveFactory)
    )
    scheme = factory.SelfAttribute("objective.scheme")
    code = factory.Sequence(lambda n: f"A{n}")
    title = factory.Sequence(lambda n: f"Action {n}")


class StepFactory(DjangoModelFactory):
    """A step of an action, or a bullet of the step `parent`."""

    class Meta:
        model = plan.Step

    parent = None
    action = factory.Maybe(
        "parent", factory.SelfAttribute("parent.action"), factory.SubFactory(ActionFactory)
    )
    scheme = factory.SelfAttribute("action.scheme")
    code = factory.Sequence(lambda n: f"E{n}")
    title = factory.Sequence(lambda n: f"Étape {n}")


class PassageFactory(DjangoModelFactory):
    class Meta:
        model = plan.Passage

    scheme = factory.SubFactory(SchemeFactory)
    heading = "Contexte"


class InvolvementFactory(DjangoModelFactory):
    class Meta:
        model = plan.Involvement

    action = factory.SubFactory(ActionFactory)
    direction = factory.SubFactory(
        DirectionFactory, organisation=factory.SelfAttribute("..action.scheme.organisation")
    )
    role = plan.InvolvementRole.PILOT


class CommitteeFactory(DjangoModelFactory):
    class Meta:
        model = plan.Committee

    scheme = factory.SubFactory(SchemeFactory)
    code = factory.Sequence(lambda n: f"COPIL{n}")
    name = "Comité de pilotage"


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = plan.Meeting

    committee = factory.SubFactory(CommitteeFactory)
    held_on = date(2026, 6, 30)


class LegalCategoryFactory(DjangoModelFactory):
    """A category of the law; with an `organisation`, one of its own."""

    class Meta:
        model = data.LegalCategory

    code = factory.Sequence(lambda n: f"CAT{n}")
    name = factory.Sequence(lambda n: f"Catégorie {n}")


class BreakdownFactory(DjangoModelFactory):
    class Meta:
        model = data.Breakdown

    scheme = factory.SubFactory(SchemeFactory)
    code = factory.Sequence(lambda n: f"V{n}")
    name = factory.Sequence(lambda n: f"Ventilation {n}")


class BreakdownItemFactory(DjangoModelFactory):
    class Meta:
        model = data.BreakdownItem

    breakdown = factory.SubFactory(BreakdownFactory)
    code = factory.Sequence(lambda n: f"POSTE{n}")
    name = factory.Sequence(lambda n: f"Poste {n}")


class IndicatorFactory(DjangoModelFactory):
    class Meta:
        model = data.Indicator

    action = factory.SubFactory(ActionFactory)
    scheme = factory.SelfAttribute("action.scheme")
    code = factory.Sequence(lambda n: f"I{n}")
    name = factory.Sequence(lambda n: f"Nombre de choses {n}")


class MeasureFactory(DjangoModelFactory):
    class Meta:
        model = data.Measure

    indicator = factory.SubFactory(IndicatorFactory)
    scheme = factory.SelfAttribute("indicator.scheme")
    code = factory.Sequence(lambda n: f"G{n}")
    type = data.MeasureType.COUNT


class MeasureSourceFactory(DjangoModelFactory):
    """A source of a computed measure, a sum unless told otherwise."""

    class Meta:
        model = data.MeasureSource

    measure = factory.SubFactory(MeasureFactory, computation=data.Computation.SUM)
    source = factory.SubFactory(
        MeasureFactory, indicator__action=factory.SelfAttribute("...measure.indicator.action")
    )


class TargetFactory(DjangoModelFactory):
    """A target of a measure; for one of an action or a pillar, give its `scheme` and measure=None."""

    class Meta:
        model = data.Target

    measure = factory.SubFactory(MeasureFactory)
    scheme = factory.SelfAttribute("measure.scheme")
    code = factory.Sequence(lambda n: f"C{n}")
    comparison = data.Comparison.AT_LEAST
    value = Decimal(10)


class SeriesBreakFactory(DjangoModelFactory):
    class Meta:
        model = data.SeriesBreak

    measure = factory.SubFactory(MeasureFactory)
    year = 2027
    note = "Le périmètre s’étend aux collèges."


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = data.Campaign

    scheme = factory.SubFactory(SchemeFactory)
    year = 2026


class CampaignPassageFactory(DjangoModelFactory):
    class Meta:
        model = data.CampaignPassage

    campaign = factory.SubFactory(CampaignFactory)
    heading = "Une année de mise en route"


class HighlightFactory(DjangoModelFactory):
    class Meta:
        model = data.Highlight

    campaign = factory.SubFactory(CampaignFactory)
    action = factory.SubFactory(
        ActionFactory, objective__pillar__scheme=factory.SelfAttribute("....campaign.scheme")
    )
    text = "Le réemploi du mobilier a doublé."


class ReportFactory(DjangoModelFactory):
    """A draft; `submitted`, `validated` or `returned` by the review, or `from_document`, validated without stamps."""

    class Meta:
        model = data.Report

    class Params:
        handed_in = factory.Trait(
            submitted_by=factory.SubFactory(UserFactory), submitted_at=SUBMITTED_AT, version=2
        )
        submitted = factory.Trait(handed_in=True, status=data.ReportStatus.SUBMITTED)
        returned = factory.Trait(
            handed_in=True,
            status=data.ReportStatus.RETURNED,
            version=3,
            return_reason="Il manque le total.",
        )
        validated = factory.Trait(
            handed_in=True,
            status=data.ReportStatus.VALIDATED,
            version=3,
            validated_by=factory.SubFactory(UserFactory),
            validated_at=VALIDATED_AT,
        )
        from_document = factory.Trait(status=data.ReportStatus.VALIDATED, door=Door.DOCUMENT)

    campaign = factory.SubFactory(CampaignFactory)
    action = factory.SubFactory(
        ActionFactory, objective__pillar__scheme=factory.SelfAttribute("....campaign.scheme")
    )
    changed_at = ENTERED_AT


class StepStateFactory(DjangoModelFactory):
    class Meta:
        model = data.StepState

    report = factory.SubFactory(ReportFactory)
    step = factory.SubFactory(StepFactory, action=factory.SelfAttribute("..report.action"))
    state = data.ActionState.DONE


class ExtraFigureFactory(DjangoModelFactory):
    class Meta:
        model = data.ExtraFigure

    report = factory.SubFactory(ReportFactory)
    label = factory.Sequence(lambda n: f"Repas servis {n}")
    value = Decimal(1200)


class ReadingFactory(DjangoModelFactory):
    """A reading without value yet, of a count of the report's action."""

    class Meta:
        model = data.Reading

    report = factory.SubFactory(ReportFactory)
    measure = factory.SubFactory(MeasureFactory, indicator__action=factory.SelfAttribute("...report.action"))
    changed_at = ENTERED_AT


class EvidenceFactory(DjangoModelFactory):
    class Meta:
        model = data.Evidence

    report = factory.SubFactory(ReportFactory)
    name = "factures.pdf"
    file = "evidence/factures.pdf"
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    size = 1024
    added_by = factory.SubFactory(UserFactory)
    added_at = ENTERED_AT


class RemarkFactory(DjangoModelFactory):
    class Meta:
        model = data.Remark

    report = factory.SubFactory(ReportFactory)
    author = factory.SubFactory(UserFactory)
    written_at = ENTERED_AT
    text = "Est-ce bien hors taxes ?"


def small_bilan(**fields):
    """The Bilan of a scheme of which nothing is known yet, with what `fields` say."""
    imprint = Imprint(name="bilan-schema-2026", version=1, frozen_at=VALIDATED_AT)
    nothing = {
        "organisation": "Armorique",
        "scheme": "Schéma 2026",
        "slug": "schema",
        "year": 2026,
        "years": (2026,),
        **dict.fromkeys(
            [
                "pillar_label",
                "action_label",
                "pilot_label",
                "support_label",
                "partner_label",
                "purpose_label",
                "synthesis",
            ],
            "",
        ),
        **dict.fromkeys(["engaged", "counted", "total", "expected", "filled", "unvalidated"], 0),
        **dict.fromkeys(["pillars", "states", "passages", "zooms", "sheets"], ()),
    }
    return Bilan(**nothing | {"imprint": imprint} | fields)


class EditionFactory(DjangoModelFactory):
    class Meta:
        model = reporting.Edition

    organisation = factory.SubFactory(OrganisationFactory)
    kind = reporting.EditionKind.BILAN
    slug = factory.Sequence(lambda n: f"bilan-{n}")
    title = "Bilan 2026"
    data = factory.LazyFunction(lambda: freeze(small_bilan()))
    first_year = last_year = 2026
    published_at = VALIDATED_AT
    published_by = factory.SubFactory(UserFactory)


class EditionFileFactory(DjangoModelFactory):
    class Meta:
        model = reporting.EditionFile

    edition = factory.SubFactory(EditionFactory)
    name = "bilan.pdf"
    content_type = "application/pdf"
    file = "editions/2027/bilan.pdf"
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    size = 1024


class PostingFactory(DjangoModelFactory):
    class Meta:
        model = reporting.Posting

    edition = factory.SubFactory(EditionFactory)
    address = factory.Sequence(lambda n: f"https://collectivite.example/bilan-{n}")
    posted_on = VALIDATED_AT.date()
    noted_by = factory.SubFactory(UserFactory)


class EditionDraftFactory(DjangoModelFactory):
    class Meta:
        model = reporting.EditionDraft

    class Params:
        legal = factory.Trait(
            kind=reporting.EditionKind.LEGAL, scheme=None, first_year=2025, title="Publication 2025-2026"
        )

    kind = reporting.EditionKind.BILAN
    scheme = factory.SubFactory(SchemeFactory)
    organisation = factory.SelfAttribute("scheme.organisation")
    first_year = last_year = 2026
    title = "Bilan 2026"
    created_by = factory.SubFactory(UserFactory)
    created_at = VALIDATED_AT


class LegalFigureFactory(DjangoModelFactory):
    class Meta:
        model = reporting.LegalFigure

    buyer = factory.SubFactory(BuyerFactory)
    category = factory.SubFactory(LegalCategoryFactory)
    basis = "contracts"
    year = 2026
    numerator, denominator = 12, 48
    changed_by = factory.SubFactory(UserFactory)
    changed_at = VALIDATED_AT


class PendingEntryFactory(DjangoModelFactory):
    class Meta:
        model = data.PendingEntry

    report = factory.SubFactory(ReportFactory)
    user = factory.SubFactory(UserFactory)
    typed_at = ENTERED_AT


class NoticeFactory(DjangoModelFactory):
    class Meta:
        model = data.Notice

    user = factory.SubFactory(UserFactory)
    report = factory.SubFactory(ReportFactory)
    kind = data.NoticeKind.SUBMITTED
    made_at = ENTERED_AT


class ReminderFactory(DjangoModelFactory):
    class Meta:
        model = data.Reminder

    user = factory.SubFactory(UserFactory)
    campaign = factory.SubFactory(CampaignFactory)
    occasion = data.Occasion.OPENING
    sent_at = ENTERED_AT
