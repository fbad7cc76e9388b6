"""Handing a sheet in: what still stops it, all at once, and the submission itself."""

from dataclasses import dataclass

from actions.models import Nature
from indicators.entry.lines import IN_STEAD, measures_to_fill, readings_of
from indicators.entry.plausibility import warnings_of
from indicators.models import IllegalMove, Measure
from indicators.perms import Act, place_of, refusal
from indicators.series import due, series_for


@dataclass(frozen=True)
class Obstacle:
    """Something to do before the sheet is handed in: the id of the field on the page, and the sentence."""

    anchor: str
    sentence: str


def obstacles(report, measures, readings, series, warnings):
    """The Obstacles of a report. `measures` are those to fill, `readings` {measure.pk: Reading}, `warnings` {pk: sentences}."""
    year, period = report.campaign.year, report.campaign.period
    found = []
    if report.action.nature == Nature.ACTION and not report.state:
        found.append(Obstacle("fiche-state", "L’état de l’action n’est pas indiqué."))
    values = {measure.pk: series.value(measure, year, period) for measure in measures}
    for group, answered in due(measures, values):
        if not answered:
            found.append(Obstacle(f"ligne-{group[0].code}", f"{_named(group)} : ni valeur, ni raison."))
    for measure in measures:
        reading = readings.get(measure.pk)
        if measure.pk in warnings and not (reading and reading.confirmed and reading.comment):
            sentence = f"{measure.code} {measure.label} : la valeur surprend ; confirmez-la et commentez-la."
            found.append(Obstacle(f"ligne-{measure.code}", sentence))
    return found


def _named(group):
    """« ENV-1.1-2 Nombre de … », or the alternatives of which either one answers."""
    return " ou ".join(f"{measure.code} {measure.label}" for measure in group)


def obstacles_of(reports, user):
    """{report.pk: [Obstacle]} of several reports, with the readings that `user` may see; constant queries."""
    by_action, stored = measures_to_fill(reports), readings_of(reports)
    asked = Measure.objects.filter(indicator__action__in=by_action)
    series = series_for(user, asked.select_related("indicator__action"))
    found = {}
    for report in reports:
        measures = by_action[report.action_id]
        readings = {pk: reading for (owner, pk), reading in stored.items() if owner == report.pk}
        warnings = warnings_of(measures, series, report.campaign.year, report.campaign.period)
        found[report.pk] = obstacles(report, measures, readings, series, warnings)
    return found


def hand_in(report, *, by, at, place):
    """The move itself, which says in whose stead; IllegalMove when another one came first."""
    report.submit(by=by, at=at, why=IN_STEAD_SUBMITTED if place.in_stead else "")


def submit(report, *, by, at, on):
    """Hand the report in; returns "" or the French reason why not. What is missing is for `obstacles` to say, before."""
    place = place_of(by, report)
    refused = refusal(Act.SUBMIT, place, report, on)
    if refused:
        return refused
    try:
        hand_in(report, by=by, at=at, place=place)
    except IllegalMove:
        return "Cette fiche vient d’être soumise par quelqu’un d’autre."
    return ""


IN_STEAD_SUBMITTED = IN_STEAD.replace("Saisie", "Soumise")
