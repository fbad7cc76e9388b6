"""An organisation with one of everything, for the tests of who sees what; a second one is its twin in other words."""

from datetime import timedelta
from decimal import Decimal

from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from actions.models import InvolvementRole, Role
from indicators.mail.letters import token_of
from indicators.models import Computation
from reporting.editions.bilan import Zoom
from reporting.editions.frozen import freeze
from reporting.editions.imprint import Picture
from tests import factories as make

# a word of the narrative of each sheet, by which it is known wherever it is read
FRUIT = {"draft": "mirabelle", "submitted": "quetsche", "returned": "griotte", "validated": "bigarreau"}


class World:
    """Every name, code and address begins with the first six letters of `word`; `first` is the first value entered.

    One sheet in each status, in a campaign that is open: `actions`, `measures`, `reports`, `evidence` map statuses to rows.
    The direction DMG pilots them all and DAS supports them; DEC has no part in any.
    """

    def __init__(self, word, first):
        self.word, self.mark, self.first = word, word[:6].lower(), first
        self._make_plan()
        self._make_measures()
        self._make_people()
        self._make_year()

    def code(self, text):
        return f"{self.mark.upper()}-{text}"

    def named(self, text):
        return f"{text} de {self.word}"

    def value(self, status):
        """The number entered in the sheet of this status."""
        return self.first + list(FRUIT).index(status)

    @property
    def total(self):
        """The number computed from the values of the draft and of the validated sheet."""
        return self.value("draft") + self.value("validated")

    @property
    def words(self):
        """What is said of this world only: the beginning of its names, codes and addresses, and its values."""
        return {self.mark, str(self.total), *(str(self.value(status)) for status in FRUIT)}

    def read_in(self, text):
        """What a text without spaces, in lower case, tells of the sheets: {(status, "value", "narrative" or "question")}."""
        marks = {str(self.total): ("total", "value")}
        for status, fruit in FRUIT.items():
            marks[str(self.value(status))] = status, "value"
            marks[f"récoltede{self.word.lower()}:{fruit}"] = status, "narrative"
            marks[f"questionsur{fruit}"] = status, "question"
        return {what for mark, what in marks.items() if mark in text}

    def _make_plan(self):
        logo = ContentFile(b"\x89PNG", "logo.png")
        self.organisation = make.OrganisationFactory(
            slug=self.mark, name=self.word, accent="#1f5380", logo=logo
        )
        self.buyer = make.BuyerFactory(
            organisation=self.organisation, code=self.code("ACH"), name=self.named("Syndicat")
        )
        years = {"starts_year": 2022, "ends_year": 2025}
        self.former = self._scheme("2022", **years)
        self.scheme = self._scheme("2026", starts_year=2026, ends_year=2029, predecessor=self.former)
        pillar = make.PillarFactory(scheme=self.scheme, code=self.code("P1"), title=self.named("Pilier"))
        self.objective = make.ObjectiveFactory(
            pillar=pillar, code=self.code("O1"), title=self.named("Objectif")
        )
        self.action = self._action("A1", objective=self.objective)
        self.actions = {
            "draft": self._action("A1.A", parent=self.action),
            "submitted": self._action("A1.B", parent=self.action),
            "returned": self._action("A2", objective=self.objective),
            "validated": self._action("A3", objective=self.objective),
        }
        self.step = make.StepFactory(
            action=self.actions["draft"], code=self.code("E1"), title=self.named("Étape")
        )
        make.PassageFactory(scheme=self.scheme, heading=self.named("Contexte"), text=self.named("Histoire"))
        self.committee = make.CommitteeFactory(
            scheme=self.scheme, code=self.code("COPIL"), name=self.named("Comité")
        )
        self.meeting = make.MeetingFactory(committee=self.committee, decisions=self.named("Décisions"))
        self.directions = {code: self._direction(code) for code in ("DMG", "DAS", "DEC")}
        for action in (self.action, self.actions["returned"], self.actions["validated"]):
            for code, role in (("DMG", InvolvementRole.PILOT), ("DAS", InvolvementRole.SUPPORT)):
                make.InvolvementFactory(action=action, direction=self.directions[code], role=role)

    def _scheme(self, year, **fields):
        title = self.named(f"Schéma {year}")
        return make.SchemeFactory(
            organisation=self.organisation, slug=f"{self.mark}-{year}", title=title, **fields
        )

    def _action(self, code, **above):
        return make.ActionFactory(code=self.code(code), title=self.named(f"Action {code}"), **above)

    def _direction(self, code):
        return make.DirectionFactory(
            organisation=self.organisation, code=self.code(code), name=self.named(f"Direction {code}")
        )

    def _make_measures(self):
        self.breakdown = make.BreakdownFactory(
            scheme=self.scheme, code=self.code("V1"), name=self.named("Ventilation")
        )
        self.item = make.BreakdownItemFactory(
            breakdown=self.breakdown, code=self.code("POSTE"), name=self.named("Poste")
        )
        self.indicators = {
            status: make.IndicatorFactory(
                action=action, code=self.code(f"I-{status}"), name=self.named("Marchés")
            )
            for status, action in self.actions.items()
        }
        self.measures = {status: self._measure(status, row) for status, row in self.indicators.items()}
        split = make.IndicatorFactory(
            action=self.actions["validated"],
            code=self.code("I-V"),
            name=self.named("Marchés par poste"),
            breakdown=self.breakdown,
        )
        self._measure("poste", split, item=self.item)
        computed = self._measure("total", self.indicators["validated"], computation=Computation.SUM)
        for rank, status in enumerate(("draft", "validated")):
            make.MeasureSourceFactory(measure=computed, source=self.measures[status], position=rank)
        self.former_measure = make.MeasureFactory(
            code=self.code("G-2022"),
            name=self.named("Ancienne grandeur"),
            indicator__action__objective__pillar__scheme=self.former,
        )
        self.target = make.TargetFactory(measure=self.measures["draft"], code=self.code("C1"))
        self.series_break = make.SeriesBreakFactory(
            measure=self.measures["draft"], note=self.named("Rupture")
        )
        self.category = make.LegalCategoryFactory(
            organisation=self.organisation, code=self.code("CAT"), name=self.named("Catégorie")
        )

    def _measure(self, code, indicator, **fields):
        return make.MeasureFactory(
            indicator=indicator, code=self.code(f"G-{code}"), name=self.named(f"Grandeur {code}"), **fields
        )

    def _make_people(self):
        directions = self.directions
        roles = {
            "pilot": {"direction": directions["DMG"], "role": Role.PILOT},
            "contributor": {"direction": directions["DAS"], "role": Role.CONTRIBUTOR},
            "other_pilot": {"direction": directions["DEC"], "role": Role.PILOT},
            "copil": {"organisation": self.organisation, "role": Role.COPIL},
            "steering": {"organisation": self.organisation, "role": Role.STEERING},
        }
        self.memberships = {
            name: make.MembershipFactory(user__email=f"{name}@{self.mark}.example", **fields)
            for name, fields in roles.items()
        }
        self.people = {name: membership.user for name, membership in self.memberships.items()}
        self.people["inactive"] = make.MembershipFactory(
            organisation=self.organisation, user__email=f"inactive@{self.mark}.example", user__is_active=False
        ).user
        make.OrganisationPageFactory(
            organisation=self.organisation,
            text=self.named("Éditeur"),
            changed_by=self.people["steering"],
        )
        self.credential = make.CredentialFactory(
            organisation=self.organisation, name=self.named("Logiciel"), by=self.people["steering"]
        )
        self.people["superuser"] = make.UserFactory(is_superuser=True, is_staff=True)

    def _make_year(self):
        today, days = timezone.localdate(), timedelta(days=10)
        self.campaign = make.CampaignFactory(
            scheme=self.scheme, year=2026, opens_on=today - days, closes_on=today + days
        )
        make.CampaignPassageFactory(campaign=self.campaign, heading=self.named("Synthèse"))
        self.highlight = make.HighlightFactory(
            campaign=self.campaign, action=self.actions["validated"], text=self.named("Zoom")
        )
        self.reports, self.evidence = {}, {}
        for status in FRUIT:
            self._make_report(status)
        pilot, draft = self.people["pilot"], self.reports["draft"]
        make.StepStateFactory(report=draft, step=self.step)
        make.PendingEntryFactory(
            report=draft, user=pilot, data={"q-fiche": self.named("Question pas encore posée")}
        )
        make.NoticeFactory(report=draft, user=pilot, text=self.named("Avis"))
        make.ReminderFactory(campaign=self.campaign, user=pilot)
        self._make_editions()

    def _make_editions(self):
        picture = Picture(b"\x89PNG", "image/png", alt=self.named("Verger"))
        zoom = Zoom("Action 1", self.named("Zoom"), self.named("Récit"), picture)
        self.edition = edition = make.EditionFactory(
            organisation=self.organisation,
            slug=f"{self.mark}-bilan",
            title=self.named("Bilan"),
            data=freeze(make.small_bilan(organisation=self.word, zooms=(zoom,))),
        )
        self.posting = make.PostingFactory(
            edition=edition, address=f"https://{self.mark}.example/bilan", noted_by=self.people["steering"]
        )
        self.draft = make.EditionDraftFactory(scheme=self.scheme, title=self.named("Bilan à venir"))
        self.legal_draft = make.EditionDraftFactory(
            organisation=self.organisation, legal=True, title=self.named("Publication à venir")
        )
        make.LegalFigureFactory(
            buyer=self.buyer, category=self.category, year=2026, source=self.named("Tableur")
        )
        name = f"{self.mark}-bilan-v1.pdf"
        file = ContentFile(self.named("Bilan").encode(), name)
        self.edition_file = make.EditionFileFactory(edition=edition, name=name, file=file)

    def _make_report(self, status):
        report = make.ReportFactory(
            campaign=self.campaign,
            action=self.actions[status],
            realisation=f"{self.named('Récolte')} : {FRUIT[status]}.",
            **({} if status == "draft" else {status: True}),
        )
        reading = make.ReadingFactory(
            report=report, measure=self.measures[status], number=Decimal(self.value(status))
        )
        make.ExtraFigureFactory(report=report, label=self.named("Repas"))
        make.RemarkFactory(
            report=report,
            author=self.people["pilot"],
            text=self.named(f"Question sur {FRUIT[status]}"),
        )
        name = f"{self.mark}-{status}.txt"
        file = ContentFile(self.named("Facture").encode(), name)
        self.evidence[status] = make.EvidenceFactory(report=report, reading=reading, name=name, file=file)
        self.reports[status] = report

    def addresses(self):
        """{name, or name@status: what the address of an object of this world is made of}."""
        organisation, scheme = {"slug": self.organisation.slug}, {"slug": self.scheme.slug}
        direction = organisation | {"pk": self.directions["DAS"].pk}
        membership = organisation | {"pk": self.memberships["contributor"].pk}
        draft = self.actions["draft"]
        action = scheme | {"code": draft.code}
        indicator = scheme | {"code": self.indicators["draft"].code}
        measure = scheme | {"code": self.measures["draft"].code}
        target = scheme | {"code": self.target.code}
        breakdown = scheme | {"code": self.breakdown.code}
        committee, meeting = scheme | {"pk": self.committee.pk}, scheme | {"pk": self.meeting.pk}
        campaign = scheme | {"key": self.campaign.key}
        nothing = (
            "home schemes editions login logout password_change password_change_done password_reset password_reset_done "
            "password_reset_complete admin:index organisation_add my_work my_reminders search "
            "help guide api_guide news accessibility legal_notice privacy style"
        )
        of_organisation = "appearance organisation_theme organisation_logo members directions direction_add plan_import plan_template credentials credential_add"
        of_scheme = (
            "dashboard action_list explorer compare scheme action_add committees committee_add campaigns plan_upkeep "
            "scheme_successor"
        )
        of_action = "action action_involvements action_edit action_end action_resume indicator_add"
        of_campaign = (
            "campaign campaign_workbook campaign_workbook_download campaign_grid campaign_conduct campaign_open "
            "campaign_close campaign_reopen campaign_complete campaign_delete campaign_reminders campaign_review"
        )
        edition = organisation | {"edition": self.edition.slug, "version": self.edition.version}
        of_edition = "edition edition_correct edition_visibility posting_add"
        bilan, publication = {"pk": self.draft.pk}, {"pk": self.legal_draft.pk}
        of_draft = (
            "draft draft_texts highlight_add draft_make draft_progress draft_preview draft_resume draft_give_up "
            "draft_delete"
        )
        groups = [
            (nothing, {}),
            (of_edition, edition),
            ("edition_latest", organisation | {"edition": self.edition.slug}),
            (
                "edition_latest_file",
                organisation | {"edition": self.edition.slug, "suffix": ".pdf"},
            ),
            ("edition_picture", edition | {"rank": 1}),
            ("edition_file", edition | {"name": self.edition_file.name}),
            ("posting_remove", edition | {"pk": self.posting.pk}),
            ("draft_add", organisation),
            (of_draft, bilan),
            ("highlight_edit highlight_remove highlight_picture", bilan | {"zoom": self.highlight.pk}),
            ("legal_figures", publication),
            (
                "legal_figure",
                publication
                | {
                    "buyer": self.buyer.code,
                    "category": self.category.code,
                    "basis": "contracts",
                    "year": 2026,
                },
            ),
            ("direction", organisation | {"code": self.directions["DMG"].code}),
            (of_organisation, organisation),
            ("page_edit", organisation | {"page": "mentions-legales"}),
            ("member_remove member_invite", membership),
            ("credential_revoke", organisation | {"prefix": self.credential.prefix}),
            ("direction_edit direction_merge", direction),
            (of_scheme, scheme),
            ("explorer_export@xlsx", scheme | {"format": "xlsx"}),
            ("explorer_export@csv", scheme | {"format": "csv"}),
            (of_action, action),
            ("committee_edit meeting_add", committee),
            ("meeting_edit meeting_remove", meeting),
            (of_campaign, campaign),
            ("indicator indicator_edit measure_add", indicator),
            ("measure_edit measure_computation target_add break_add", measure),
            ("target_edit target_remove", target),
            ("break_remove", measure | {"year": self.series_break.year}),
            ("breakdown item_add", breakdown),
            ("item_measures", breakdown | {"item_code": self.item.code}),
            ("password_reset_confirm", {"uidb64": "MQ", "token": "abc-def"}),
            ("reminders_unsubscribe", {"token": token_of(self.people["pilot"])}),
        ]
        found = {name: kwargs for names, kwargs in groups for name in names.split()}
        for status, report in self.reports.items():
            sheet = campaign | {"code": report.action.code}
            for name in ("report", "report_review", "report_remark", "report_history"):
                found[f"{name}@{status}"] = sheet
            found[f"evidence@{status}"] = sheet | {"pk": self.evidence[status].pk}
        return found

    def urls(self):
        """The same as addresses, under the same names."""
        return {key: reverse(key.partition("@")[0], kwargs=of) for key, of in self.addresses().items()}
