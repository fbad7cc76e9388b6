"""Readings that another system sends, one or many: through `indicators.entry.lines.settle`, like those of every other door."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.http import quote_etag
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from indicators.api.answers import AnswerSerializer, NameField, Strict, entry_of
from indicators.api.serializers import ReadingSerializer
from indicators.api.views import Readings
from indicators.entry.lines import settle
from indicators.entry.plausibility import warnings_once_saved
from indicators.lookups import in_campaign
from indicators.models import Campaign, Measure, Report
from indicators.perms import Act, place_of, refusal
from indicators.series import series_for
from spaser.api.conditional import tags_of
from spaser.api.problems import Problem, fault, faults_of, pointer
from spaser.api.schema import EXAMPLES, FaultSerializer
from spaser.api.views import ApiView
from spaser.tracking import Door

MOST = 1000  # readings in one request
COUNT = f"Une liste de 1 à {MOST} relevés."
NOT_IN_FORCE = "Cette grandeur n’a pas de fiche dans cette campagne, ou pas que vous puissiez lire."


def etag_of(reading):
    """Changes with what is told of a reading: its own version and the status of its sheet."""
    return quote_etag(f"{reading.version}-{reading.report.status}")


class WrittenReadingSerializer(ReadingSerializer):
    """Un relevé tel qu’il est désormais, et ce qui y surprend."""

    warnings = serializers.SerializerMethodField(
        help_text="Ce qui surprend : la fiche ne se soumettra qu’une fois ces valeurs confirmées par un commentaire."
    )

    class Meta(ReadingSerializer.Meta):
        fields = [*ReadingSerializer.Meta.fields, "warnings"]
        read_only_fields = fields

    def get_warnings(self, reading) -> list[str]:
        return self.context["warnings"]


class ReadingItem(Readings, ApiView):
    """Le relevé d’une grandeur dans une campagne."""

    operation = {"get": "get_reading", "put": "put_reading"}
    refusals = {
        "PUT": {
            403: "La personne, la fiche ou le moment ne permettent pas d’écrire.",
            412: "Le relevé a changé depuis la version donnée dans If-Match.",
            422: "La valeur est refusée.",
        }
    }

    def found(self):
        """(report, measure) that the address names, in sight of who asks."""
        measures = self.rows(Measure).select_related("indicator")
        measure = measures.filter(code=self.kwargs["measure"]).first()
        if measure is None:
            raise NotFound
        reports = Report.objects.visible_to(self.request.user).filter(
            action=measure.indicator.action_id,
            campaign__scheme=self.scheme,
            **in_campaign("campaign", self.kwargs["campaign"]),
        )
        report = reports.select_related("campaign__scheme__organisation", "action__parent").first()
        if report is None:
            raise NotFound
        return report, measure

    def stored(self, report, measure):
        return self.get_queryset().filter(report=report, measure=measure).first()

    @extend_schema(responses=ReadingSerializer)
    def get(self, request, **kwargs):
        """Le relevé d’une grandeur dans une campagne."""
        reading = self.stored(*self.found())
        if reading is None:
            raise NotFound
        return Response(ReadingSerializer(reading).data, headers={"ETag": etag_of(reading)})

    @extend_schema(
        request=AnswerSerializer,
        parameters=[
            OpenApiParameter(
                "If-Match",
                str,
                OpenApiParameter.HEADER,
                description="L’ETag du relevé lu : 412 s’il a changé depuis.",
            ),
            OpenApiParameter(
                "If-None-Match", str, OpenApiParameter.HEADER, description="« * » : 412 s’il existe déjà."
            ),
        ],
        examples=[
            OpenApiExample("taux", EXAMPLES["Answer"], summary="Un taux", request_only=True),
            OpenApiExample("nombre", {"value": 34.2}, summary="Un nombre", request_only=True),
            OpenApiExample("oui", {"value": True}, summary="Un oui ou non", request_only=True),
            OpenApiExample(
                "absent",
                {"missing": "not_available", "missing_note": "Le progiciel ne suit pas l’origine."},
                summary="Pas de valeur",
                request_only=True,
            ),
        ],
        responses={
            200: OpenApiResponse(WrittenReadingSerializer, "Le relevé est à jour."),
            201: OpenApiResponse(WrittenReadingSerializer, "Le relevé est créé."),
        },
    )
    def put(self, request, **kwargs):
        """Écrire le relevé d’une grandeur dans une campagne. Le même envoi deux fois ne change rien la seconde."""
        report, measure = self.found()
        answer = AnswerSerializer(data=request.data)
        answer.is_valid(raise_exception=True)
        seen = _seen(request, self.stored(report, measure))
        entry = entry_of(report, measure, answer.validated_data, seen=seen)
        reports = Report.objects.visible_to(request.user)
        [line] = settle([entry], by=request.user, at=timezone.now(), door=Door.API, reports=reports)
        if line.conflicts:
            raise _overtaken(self.stored(report, measure))
        if line.errors:
            raise _refused(line, request.user)
        reading = self.stored(report, measure)
        if reading is None:  # an answer that is no answer, where there was none
            raise Problem(422, "Il n’y a rien à vider : ce relevé n’existe pas.")
        warnings = _warnings(request.user, [line]).get((report.pk, measure.pk), [])
        body = WrittenReadingSerializer(reading, context={"warnings": warnings}).data
        created = line.stored is None and line.accepted
        return Response(body, status=201 if created else 200, headers={"ETag": etag_of(reading)})


UNKNOWN = -1  # a version that no reading has: what would change conflicts, what would not may be sent again


def _seen(request, reading):
    """The version that the other system has seen, by its If-Match or If-None-Match; None when it sends neither."""
    matching, absent = tags_of(request, "If-Match"), tags_of(request, "If-None-Match")
    if absent and absent != ["*"]:
        raise Problem(400, errors=[fault("Seul « * » a un sens pour écrire.", parameter="If-None-Match")])
    if matching and matching != ["*"]:
        same = reading is not None and etag_of(reading) in matching
        return reading.version if same else UNKNOWN
    if matching:
        return reading.version if reading else UNKNOWN
    return 0 if absent else None


def _overtaken(reading):
    current = {"current": ReadingSerializer(reading).data} if reading else {}
    return Problem(412, "Relisez le relevé, puis envoyez de nouveau ce qui doit y changer.", **current)


def _refused(line, user):
    """The Problem of one line: 403 when nobody in this place may write now, 422 for what is wrong in the values."""
    message = refusal(Act.FILL, place_of(user, line.report), line.report, timezone.localdate())
    if message:
        return Problem(403, message)
    return Problem(422, errors=_faults(line))


def _faults(line, *steps):
    return [
        fault(message, pointer=pointer(*steps, *([name] if name else [])))
        for name, message in line.errors.items()
    ]


def _warnings(user, lines):
    """{(report, measure): [sentence]} of what surprises in the lines that may be stored; constant queries."""
    by_campaign = {}
    for line in lines:
        explained = line.errors or line.conflicts or (line.wanted.confirmed and line.wanted.comment)
        if not explained:
            by_campaign.setdefault(line.report.campaign, []).append(line)
    if not by_campaign:
        return {}
    measures = {line.measure.pk for lines in by_campaign.values() for line in lines}
    series = series_for(user, Measure.objects.filter(pk__in=measures))
    found = {}
    for campaign, own in by_campaign.items():
        warnings = warnings_once_saved([line.wanted for line in own], series, campaign)
        found |= {(line.report.pk, line.measure.pk): warnings.get(line.measure.pk, []) for line in own}
    return found


# Many at once


class BatchItemSerializer(AnswerSerializer):
    """Un relevé de l’envoi."""

    measure = NameField(max_length=40, help_text="Le code de la grandeur.")
    campaign = NameField(
        max_length=7, help_text="La campagne : « 2026 », ou « 2026-S1 » pour un premier semestre."
    )
    version = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2_147_483_647,
        help_text="La version lue (0 : aucun relevé) ; s’il a changé depuis, il n’est pas écrasé.",
    )


class Unread(serializers.Field):
    """One reading as it came: each is judged on its own, and a wrong one stops no other."""

    def to_internal_value(self, data):
        return data


class BatchSerializer(Strict):
    """Des relevés à écrire d’un coup."""

    readings = serializers.ListField(
        child=Unread(allow_null=True),
        min_length=1,
        max_length=MOST,
        error_messages=dict.fromkeys(("not_a_list", "min_length", "max_length"), COUNT),
        help_text=COUNT,
    )
    all_or_nothing = serializers.BooleanField(
        default=False, help_text="Tous, ou aucun si l’un d’eux est refusé."
    )
    dry_run = serializers.BooleanField(default=False, help_text="Dire ce qui se passerait, sans rien écrire.")


class BatchBodySerializer(BatchSerializer):
    """Des relevés à écrire d’un coup."""

    readings = serializers.ListField(
        child=BatchItemSerializer(), min_length=1, max_length=MOST, help_text=COUNT
    )


OUTCOMES = {
    "created": "créé",
    "updated": "modifié",
    "unchanged": "inchangé",
    "refused": "refusé",
    "conflict": "changé entre-temps",
    "not_stored": "acceptable, mais non écrit",
}


class ResultSerializer(serializers.Serializer):
    """Ce qu’est devenu un relevé de l’envoi."""

    index = serializers.IntegerField(help_text="Son rang dans l’envoi, à partir de 0.")
    measure = serializers.CharField(allow_null=True)
    campaign = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(choices=list(OUTCOMES.items()))
    version = serializers.IntegerField(allow_null=True, help_text="La version stockée.")
    errors = FaultSerializer(many=True)
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Ce qui surprend.")
    current = ReadingSerializer(allow_null=True, help_text="D’un relevé changé entre-temps, ce qu’il est.")


class BatchResultSerializer(serializers.Serializer):
    """Ce qu’est devenu chaque relevé, dans l’ordre de l’envoi."""

    stored = serializers.BooleanField(help_text="Ce qui pouvait l’être est écrit.")
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Le nombre de relevés par issue."
    )
    results = ResultSerializer(many=True)


class BatchProblemSerializer(BatchResultSerializer):
    """Un envoi dont rien n’est écrit."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()


@dataclass
class Sent:
    """One reading of a batch, on its way: what it names once that is found, what is wrong with it."""

    index: int
    raw: object
    data: dict | None = None
    line: object = None
    faults: list = field(default_factory=list)

    def named(self, name):
        value = self.raw.get(name) if isinstance(self.raw, dict) else None
        return value if isinstance(value, str) else None


class ReadingBatch(Readings, ApiView):
    """Beaucoup de relevés en un envoi."""

    operation = "post_readings"

    @extend_schema(
        request=BatchBodySerializer,
        responses={
            200: OpenApiResponse(BatchResultSerializer, "Ce qu’est devenu chaque relevé."),
            (422, "application/problem+json"): OpenApiResponse(
                BatchProblemSerializer,
                "`all_or_nothing`, et un relevé au moins est refusé : rien n’est écrit.",
            ),
        },
    )
    def post(self, request, **kwargs):
        """Écrire jusqu’à 1000 relevés d’un coup, avec l’issue de chacun ; tous ou aucun si on le demande."""
        batch = BatchSerializer(data=request.data)
        batch.is_valid(raise_exception=True)
        options = batch.validated_data
        sent = [Sent(index, raw) for index, raw in enumerate(options["readings"])]
        with transaction.atomic():
            entries = self._entries(sent)
            lines = settle(
                [entry for _, entry in entries],
                by=request.user,
                at=timezone.now(),
                door=Door.API,
                reports=Report.objects.visible_to(request.user),
                save=not options["dry_run"],
            )
            for (item, _), line in zip(entries, lines, strict=True):
                item.line = line
                item.faults += _faults(line, "readings", item.index)
            failed = any(item.faults or item.line.conflicts for item in sent)
            undone = options["all_or_nothing"] and failed
            warnings = _warnings(request.user, lines)
            if undone:
                transaction.set_rollback(True)
        stored = not (undone or options["dry_run"])
        results = [_result(item, stored, undone, warnings) for item in sent]
        counts = dict.fromkeys(OUTCOMES, 0)
        for result in results:
            counts[result["outcome"]] += 1
        told = {"stored": stored, "counts": counts, "results": results}
        if undone:
            raise Problem(422, "Un relevé au moins est refusé : rien n’est écrit.", **told)
        return Response(told)

    def _entries(self, sent):
        """[(Sent, Entry)] of those that name a measure and a report in sight; the others get their faults."""
        for item in sent:
            answer = BatchItemSerializer(data=item.raw)
            if answer.is_valid():
                item.data = answer.validated_data
            else:
                item.faults += faults_of(answer.errors, ("readings", item.index))
        codes = {code for item in sent if (code := item.named("measure")) and code.isprintable()}
        measures = self.rows(Measure).filter(code__in=codes).select_related("indicator")
        by_code = {measure.code: measure for measure in measures}
        by_key = {row.key: row for row in self.rows(Campaign)}
        reports = Report.objects.visible_to(self.request.user).filter(
            campaign__in=by_key.values(), action__in={row.indicator.action_id for row in by_code.values()}
        )
        by_place = {(row.campaign_id, row.action_id): row for row in reports.only("campaign", "action")}
        found = []
        for item in sent:
            measure, campaign = by_code.get(item.named("measure")), by_key.get(item.named("campaign"))
            report = measure and campaign and by_place.get((campaign.pk, measure.indicator.action_id))
            item.faults += _not_found(item, measure, campaign, report)
            if report and not item.faults:
                found.append((item, entry_of(report, measure, item.data, seen=item.data.get("version"))))
        return found


def _not_found(item, measure, campaign, report):
    """What a reading names that is not there, told beside all that is wrong in it."""
    if item.named("measure") and measure is None:
        yield _at(item, "measure", "Ce code n’est celui d’aucune grandeur du schéma.")
    if item.named("campaign") and campaign is None:
        yield _at(item, "campaign", "Le schéma n’a pas cette campagne.")
    if measure and campaign and not report:
        yield _at(item, "measure", NOT_IN_FORCE)


def _at(item, name, message):
    return fault(message, pointer=pointer("readings", item.index, name))


def _result(item, stored, undone, warnings):
    """What became of one reading, as JSON."""
    line = item.line
    version = line.stored.version if line and line.stored else None
    outcome = _outcome(item)
    if outcome in ("created", "updated"):
        if stored:
            version = (version or 0) + 1
        elif undone:
            outcome = "not_stored"
    errors, current = item.faults, None
    if outcome == "conflict":
        errors = [_at(item, "version", "Ce relevé a changé depuis la version donnée.")]
        current = ReadingSerializer(line.stored).data if line.stored else None
    key = (line.report.pk, line.measure.pk) if line and line.report and line.measure else None
    return {
        "index": item.index,
        "measure": item.named("measure"),
        "campaign": item.named("campaign"),
        "outcome": outcome,
        "version": version,
        "errors": errors,
        "warnings": warnings.get(key, []),
        "current": current,
    }


def _outcome(item):
    if item.faults:
        return "refused"
    if item.line.conflicts:
        return "conflict"
    if not item.line.accepted:
        return "unchanged"
    return "updated" if item.line.stored else "created"
