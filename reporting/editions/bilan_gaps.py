"""What a bilan lacks, what of it is not validated, what surprises: read from the same Situation as the document."""

from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import Truncator

from actions.models import Nature
from indicators.entry.plausibility import warnings_of
from indicators.models import Phase, Reading, Remark, ReportStatus
from indicators.perms import today
from indicators.progress import HANDED_IN
from reporting.dashboard import disagreements
from reporting.editions.checklist import Check, Gap, Kind
from reporting.situation import NoCampaign, full_situation
from spaser.french import format_date
from spaser.templatetags.french import count_of

MISSING, UNVALIDATED, INCONSISTENT = Kind


def bilan_checks(draft):
    """The Checks of the draft of a bilan. Without its campaign, which somebody may have deleted, there is nothing else to say."""
    try:
        found = _Gaps(draft, full_situation(draft.scheme, draft.year))
    except NoCampaign:
        address = reverse("campaigns", args=[draft.scheme.slug])
        gap = Gap(f"Le schéma n’a pas de campagne {draft.year} : le bilan n’a pas de données.", address)
        return [Check("campaign", "Campagne de saisie", (gap,))]
    return found.checks()


def _named(action):
    return f"{action.code} {action.title}"


class _Gaps:
    def __init__(self, draft, situation):
        self.draft, self.situation, self.campaign = draft, situation, situation.campaign
        self.sheets = [row for row in situation.actions if not row.parts]

    def checks(self):
        said = (
            ("values", "Valeurs attendues, sans valeur ni raison", self.values(), MISSING),
            ("sheets", "Actions sans fiche dans la campagne", self.without_sheet(), MISSING),
            ("states", "État de l’action non indiqué", self.without_state(), MISSING),
            ("narrative", "Fiches rendues sans aucun texte", self.without_text(), MISSING),
            ("computed", "Grandeurs calculées dont il manque une source", self.computed(), MISSING),
            ("texts", "Textes de l’édition", self.texts(), MISSING),
            ("zooms", "Zooms", self.zooms(), MISSING),
            ("open", "Campagne encore ouverte", self.still_open(), UNVALIDATED),
            ("drafts", "Fiches non rendues", self.with_status(ReportStatus.DRAFT), UNVALIDATED),
            (
                "returned",
                "Fiches renvoyées, à corriger",
                self.with_status(ReportStatus.RETURNED),
                UNVALIDATED,
            ),
            (
                "submitted",
                "Fiches soumises, pas encore validées",
                self.with_status(ReportStatus.SUBMITTED, page="report_review"),
                UNVALIDATED,
            ),
            ("remarks", "Corrections demandées, sans suite", self.corrections(), UNVALIDATED),
            ("parts", "Actions validées en partie", self.partly_validated(), INCONSISTENT),
            ("warnings", "Valeurs qui surprennent, sans confirmation", self.surprising(), INCONSISTENT),
            ("disagreements", "État et cibles qui se contredisent", self.contradictions(), INCONSISTENT),
        )
        return [Check(key, question, tuple(gaps), kind) for key, question, gaps, kind in said]

    def _page(self, row, page="report"):
        """Where the sheet of an ActionSituation is filled in or reviewed; where it is added, when there is none."""
        of = [self.campaign.scheme.slug, self.campaign.key]
        if row.report is None:
            return f"{reverse('campaign_conduct', args=of)}#completer"
        return reverse(page, args=[*of, row.action.code])

    def _of_draft(self, page, anchor):
        return f"{reverse(page, args=[self.draft.pk])}{anchor}"

    # Missing

    def values(self):
        for row in self.sheets:
            if lacking := len(row.progress.missing):
                said = f"{count_of(lacking, 'valeur')} sur {row.progress.due}"
                yield Gap(_named(row.action), f"{self._page(row)}#indicateurs", lacking, said)

    def without_sheet(self):
        return (Gap(_named(row.action), self._page(row)) for row in self.sheets if row.report is None)

    def without_state(self):
        return (
            Gap(_named(row.action), self._page(row))
            for row in self.sheets
            if row.report and row.action.nature == Nature.ACTION and not row.state
        )

    def without_text(self):
        return (
            Gap(_named(row.action), self._page(row))
            for row in self.sheets
            if row.action.nature == Nature.ACTION and row.status in HANDED_IN and not row.report.narrative
        )

    def computed(self):
        for row in self.situation.measures:
            if row.measure.is_computed and (row.value is None or row.value.number is None):
                lacking = {source.pk: source for source in self._lacking(row.measure)}
                if lacking:
                    names = ", ".join(source.label for source in lacking.values())
                    source = next(iter(lacking.values()))
                    said = f"{row.measure.code} {row.measure.label}"
                    yield Gap(said, self._line_of(source), note=f"il manque {names}")

    def _lacking(self, measure):
        """The entered measures from which `measure` is made and that have no answer this year."""
        series = self.situation.series
        for link in measure.source_links.all():
            source = series.measures[link.source_id]
            if source.is_computed:
                yield from self._lacking(source)
            elif not ((value := series.value(source, self.situation.year)) and value.is_answered):
                yield source

    def _line_of(self, measure):
        """Where a measure is filled in; "" when it is not one of the sheets of the year."""
        rows = (row for row in self.sheets if row.action.pk == measure.indicator.action_id)
        return next((f"{self._page(row)}#ligne-{measure.code}" for row in rows), "")

    def texts(self):
        draft = self.draft
        if not draft.foreword.strip():
            yield Gap("L’avant-propos n’est pas écrit.", self._of_draft("draft_texts", "#id_foreword"))
        elif not draft.foreword_author.strip():
            yield Gap("L’avant-propos n’est pas signé.", self._of_draft("draft_texts", "#id_foreword_author"))
        if not self.campaign.synthesis.strip():
            address = self._of_draft("draft_texts", "#id_campaign-synthesis")
            yield Gap("La synthèse générale n’est pas écrite.", address)

    def zooms(self):
        zooms = list(self.campaign.highlights.select_related("action__scheme", "action__parent__scheme"))
        if not zooms:
            yield Gap("Aucune action remarquable.", self._of_draft("highlight_add", ""))
        for zoom in zooms:
            address = reverse("highlight_edit", args=[self.draft.pk, zoom.pk])
            if not zoom.text.strip():
                yield Gap(str(zoom), address, note="pas de texte")
            if zoom.picture and not zoom.picture_alt.strip():
                yield Gap(str(zoom), address, note="on ne dit pas ce que montre l’image")

    # Not validated

    def still_open(self):
        phase = self.campaign.phase(today())
        last_day = self.campaign.corrections_until if phase == Phase.CORRECTION else self.campaign.closes_on
        if phase in (Phase.PLANNED, Phase.OPEN, Phase.CORRECTION):
            until = f" jusqu’au {format_date(last_day)}" if last_day and phase != Phase.PLANNED else ""
            address = reverse("campaign_conduct", args=[self.campaign.scheme.slug, self.campaign.key])
            yield Gap(f"La campagne {self.campaign} est {phase.label}{until}.", address)

    def with_status(self, status, page="report"):
        return (Gap(_named(row.action), self._page(row, page)) for row in self.sheets if row.status == status)

    def corrections(self):
        """What was asked for since the sheet was last handed in."""
        sheets = {row.report.pk: row for row in self.sheets if row.report}
        open_since = Q(report__submitted_at=None) | Q(written_at__gt=F("report__submitted_at"))
        remarks = Remark.objects.filter(open_since, report__in=sheets, asks_correction=True)
        for remark in remarks.exclude(report__status=ReportStatus.VALIDATED).order_by("written_at", "pk"):
            row = sheets[remark.report_id]
            said = f"« {Truncator(remark.text).chars(120)} »"
            yield Gap(_named(row.action), self._page(row), note=said)

    # Inconsistent

    def partly_validated(self):
        for row in self.situation.actions:
            of_parts = [sheet for sheet in self.sheets if row.parts and sheet.whole == row.action]
            validated = sum(sheet.status == ReportStatus.VALIDATED for sheet in of_parts)
            if 0 < validated < len(of_parts):
                rest = next(sheet for sheet in of_parts if sheet.status != ReportStatus.VALIDATED)
                said = f"{validated} sur {len(of_parts)}"
                yield Gap(_named(row.action), self._page(rest), note=said)

    def surprising(self):
        measures = [row.measure for row in self.situation.measures]
        found = warnings_of(measures, self.situation.series, self.situation.year)
        confirmed = Reading.objects.filter(report__campaign=self.campaign, confirmed=True).exclude(comment="")
        settled = set(confirmed.values_list("measure", flat=True))
        for measure in measures:
            if measure.pk in found and measure.pk not in settled:
                said = f"{measure.code} {measure.label}"
                yield Gap(said, self._line_of(measure), note=" ".join(found[measure.pk]))

    def contradictions(self):
        for found in disagreements(self.situation):
            action = found.sheet.action
            targets = count_of(found.count, f"cible {found.outcome.label}")
            said = f"{found.state.label}, {targets}"
            yield Gap(_named(action), action.get_absolute_url(), note=said)
