"""What becomes of a target in a year: reached, on the way, missed, or not to be told. docs/calculations.md, « Devenir d’une cible ».

Works in memory on a Series that the caller has fetched. What cannot be compared is never computed: a value that is missing, a
baseline that nobody gave or that a break in the series separates from the year.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import models

from indicators import calculations
from indicators.models import Comparison, Target
from indicators.series import Value


class Outcome(models.TextChoices):
    """Of a target in a year; NONE is of a measure without any."""

    REACHED = "reached", "atteinte"
    ON_THE_WAY = "on_the_way", "en chemin"
    MISSED = "missed", "manquée"
    UNKNOWN = "unknown", "sans valeur"
    WORDS = "words", "à apprécier"
    NONE = "none", "sans cible"


@dataclass(frozen=True)
class TargetResult:
    """A target seen from a year.

    `value` is the Value that was judged, `progress` the share of the way from the baseline (1 at the target; None when one of
    them is unknown), `receding` whether it goes the wrong way.
    """

    target: Target
    outcome: Outcome
    value: Value | None = None
    progress: Decimal | None = None
    receding: bool = False


def result_of(target, series, year):
    """The TargetResult of `target` in `year`. One that is only words, or not tied to a measure, is left to people's judgement."""
    measure = target.measure
    if measure is None or target.comparison == Comparison.QUALITATIVE:
        return TargetResult(target, Outcome.WORDS)
    due = deadline(target, year)
    value = _judged(measure, series, year, due)
    number = _number(value)
    if number is None:
        return TargetResult(target, Outcome.UNKNOWN, value)
    over = due is not None and due <= year
    baseline = _baseline(target, series, value.year)
    if target.comparison in (Comparison.INCREASE, Comparison.DECREASE):
        return _trend(target, series, value, number, baseline, over)
    if target.relative:
        number, baseline = calculations.evolution(number, baseline, points=False), Decimal(0)
        if number is None:
            return TargetResult(target, Outcome.UNKNOWN, value)
    reached = calculations.reached(
        number, comparison=target.comparison, target=target.value, target_max=target.value_max
    )
    progress = _progress(number, baseline, target)
    receding = not reached and progress is not None and progress < 0
    return TargetResult(target, _outcome(reached, over), value, progress, receding)


def deadline(target, year):
    """The year by which it should be reached, seen from `year`: its own, each one, the scheme's last; None for a stage without year."""
    if target.each_year and not target.year:
        return year
    if target.year or target.stage:
        return target.year
    return target.scheme.ends_year


def main_result(results, year):
    """Of several targets of a measure, the one that counts in `year`: the nearest deadline to come, else the last one past."""

    def rank(result):
        due = deadline(result.target, year)
        if due is None:
            return (1, 0, result.target.position)
        return (0, due, 0) if due >= year else (2, -due, 0)

    return min(results, key=rank, default=None)


def _outcome(reached, over):
    if reached:
        return Outcome.REACHED
    return Outcome.MISSED if over else Outcome.ON_THE_WAY


def _judged(measure, series, year, due):
    """The value of the year; failing that, once the deadline is past, that of the deadline."""
    value = series.value(measure, year)
    if _number(value) is None and due and due < year:
        return series.value(measure, due) or value
    return value


def _number(value):
    """What is compared: the number, or 1 and 0 for oui and non."""
    if value is None:
        return None
    return value.number if value.boolean is None else Decimal(value.boolean)


def _baseline(target, series, year):
    """The number from which the way is measured, when it compares with `year`; the target's own years, or the measure's."""
    measure = target.measure
    own = target.baseline_from, target.baseline_to
    first, last = own if any(own) else (measure.baseline_from, measure.baseline_to)
    first, last = first or last, last or first
    if last and series.breaks(measure, after=last, upto=year):
        return None
    if measure.baseline_value is not None and (
        not any(own) or own == (measure.baseline_from, measure.baseline_to)
    ):
        return measure.baseline_value
    return _number(series.value(measure, first)) if first and first == last else None


def _progress(number, baseline, target):
    """The share of the way to the nearest bound; None without a baseline, or when it stands at the target already."""
    if baseline is None:
        return None
    goal = target.value
    if target.comparison == Comparison.BETWEEN and baseline > target.value_max:
        goal = target.value_max
    return None if goal == baseline else calculations.progress(number, baseline=baseline, target=goal)


def _trend(target, series, value, number, baseline, over):
    """« Augmenter », « Diminuer »: against the baseline, or the year before where there is none."""
    measure, year = target.measure, value.year
    if baseline is None and not series.breaks(measure, after=year - 1, upto=year):
        baseline = _number(series.value(measure, year - 1))
    if baseline is None:
        return TargetResult(target, Outcome.UNKNOWN, value)
    change = number - baseline if target.comparison == Comparison.INCREASE else baseline - number
    return TargetResult(target, _outcome(change > 0 and over, over), value, receding=change < 0)
