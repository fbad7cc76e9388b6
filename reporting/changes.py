"""How a measure changes from one year to another, and whether that is for the better: only where its sense is known."""

from dataclasses import dataclass

from django.db import models

from indicators.models import Computation, Measure, MeasureType, Sense
from indicators.series import Evolution, Value


class Course(models.TextChoices):
    """Which way a measure goes. Without a known sense, up is up, and nobody says that it is better."""

    BETTER = "better", "s’améliore"
    WORSE = "worse", "se dégrade"
    UP = "up", "en hausse"
    DOWN = "down", "en baisse"
    STABLE = "stable", "inchangé"


def course_of(measure, difference):
    """The Course of a measure whose number has changed by `difference`."""
    if difference == 0:
        return Course.STABLE
    if measure.sense:
        return Course.BETTER if (difference > 0) == (measure.sense == Sense.UP) else Course.WORSE
    return Course.UP if difference > 0 else Course.DOWN


@dataclass(frozen=True)
class Change:
    """A measure in two years. `evolution` is None where there is none to compute, and `why` says why when both values are there.

    `course` is None where the two do not compare.
    """

    measure: Measure
    before: Value | None
    after: Value | None
    evolution: Evolution | None = None
    course: Course | None = None
    why: str = ""


def change_of(measure, series, *, since, year):
    """The Change of `measure` from the year `since` to `year`. Nothing is compared across a break in the series."""
    before, after = series.value(measure, since), series.value(measure, year)
    if not all(value is not None and value.is_known and not value.missing for value in (before, after)):
        return Change(measure, before, after)
    if breaks := series.breaks(measure, after=since, upto=year):
        return Change(measure, before, after, why=f"rupture de série en {breaks[0].year}")
    if measure.computation == Computation.EVOLUTION:
        return Change(measure, before, after, why="c’est déjà une évolution")
    if measure.type == MeasureType.BOOLEAN:
        course = course_of(measure, after.boolean - before.boolean)
        why = "" if course == Course.STABLE else f"de {before.display} à {after.display}"
        return Change(measure, before, after, course=course, why=why)
    if before.number is None or after.number is None:
        return _of_words(measure, before, after)
    evolution = series.evolution(measure, year, since=since)
    course = course_of(measure, after.number - before.number)
    why = "" if evolution or course == Course.STABLE else "part de 0 : pas de pourcentage"
    return Change(measure, before, after, evolution, course, why)


def _of_words(measure, before, after):
    if before.text and before.text == after.text:
        return Change(measure, before, after, course=Course.STABLE)
    return Change(measure, before, after, why="en mots : à lire" if before.text else "taux non calculable")
