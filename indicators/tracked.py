"""The tables whose every change is history."""

from indicators.models import Reading, ReadingChange, Report, ReportChange
from spaser.tracking import Tracked, install_triggers, remove_triggers

TRACKED = [
    Tracked(model=Report, history=ReportChange, link="report", fields=Report.TRACKED),
    Tracked(model=Reading, history=ReadingChange, link="reading", fields=Reading.TRACKED),
]


def before_migrate(using, **kwargs):
    for tracked in TRACKED:
        remove_triggers(tracked, using)


def after_migrate(using, **kwargs):
    for tracked in TRACKED:
        install_triggers(tracked, using)
