"""What the benchmarks share: a scheme of realistic size in a database of its own, and a page beside the bare queries that it needs."""

import os
import random
import sys
import tempfile
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
PILLARS, OBJECTIVES, ACTIONS, MEASURES, DIRECTIONS = 3, 3, 3, 150, 9  # 3 × 3 × 3 = 27 actions
YEARS = range(2019, 2027)
STATES = ("not_started", "engaged", "engaged", "in_progress", "in_progress", "done", "suspended")


@contextmanager
def database():
    """An empty, migrated database: a temporary SQLite file, or one beside that of DATABASE_URL when it names a PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "SPASER_VAR": folder,
            "SECRET_KEY": "for-the-benchmarks-only",
            "HTTPS": "0",
            "DJANGO_SETTINGS_MODULE": "spaser.settings",
        }
        if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
            os.environ["DATABASE_URL"] = f"sqlite:///{folder}/spaser.sqlite3"
        sys.path.insert(0, str(ROOT))
        _set_up(folder)
        from django.db import connection

        former = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield connection.vendor
        finally:
            connection.creation.destroy_test_db(former, verbosity=0)


def _set_up(folder):
    import django
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS.append("testserver")
    settings.STATIC_ROOT.mkdir()
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"] = {"NAME": f"{folder}/benchmark.sqlite3"}
    django.setup()


def make_scheme():
    """(a Scheme of 27 actions and 150 measures with 8 years of readings, a member of its steering team); always the same."""
    from tests import factories as make

    chance = random.Random(2026)
    organisation = make.OrganisationFactory(slug="departement", name="Département du banc d’essai")
    scheme = make.SchemeFactory(
        organisation=organisation,
        slug="banc-d-essai",
        title="Schéma du banc d’essai",
        pillar_label="Axe",
        starts_year=YEARS[0],
        ends_year=YEARS[-1] + 2,
    )
    directions = [
        make.DirectionFactory(organisation=organisation, code=f"D{n}", name=f"Direction n° {n}")
        for n in range(1, DIRECTIONS + 1)
    ]
    actions = _make_actions(make, chance, scheme, directions)
    measures = [_make_measure(make, chance, rank, actions[rank % len(actions)]) for rank in range(MEASURES)]
    for year in YEARS:
        _make_year(make, chance, scheme, year, actions, measures)
    return scheme, make.MembershipFactory(organisation=organisation).user


def _make_actions(make, chance, scheme, directions):
    actions = []
    for pillar_number in range(1, PILLARS + 1):
        pillar = make.PillarFactory(
            scheme=scheme,
            code=f"P{pillar_number}",
            number=str(pillar_number),
            title=f"Acheter mieux, axe n° {pillar_number}",
            position=pillar_number,
        )
        for number in range(1, OBJECTIVES + 1):
            code = f"{pillar_number}-{number}"
            objective = make.ObjectiveFactory(
                pillar=pillar, code=f"O{code}", number=code, title=f"Objectif commun {code}", position=number
            )
            for rank in range(1, ACTIONS + 1):
                action = make.ActionFactory(
                    objective=objective,
                    code=f"{code}.{rank}",
                    number=f"{code}.{rank}",
                    title=f"Développer les achats responsables de la famille {code}.{rank}",
                    position=rank,
                    due_to=chance.choice([None, *range(YEARS[-1] - 2, YEARS[-1] + 3)]),
                )
                for direction in chance.sample(directions, chance.choice([1, 1, 2])):
                    make.InvolvementFactory(action=action, direction=direction)
                actions.append(action)
    return actions


def _make_measure(make, chance, rank, action):
    percent = rank % 3 == 0
    measure = make.MeasureFactory(
        indicator__action=action,
        indicator__code=f"{action.code}-{rank}",
        indicator__name=f"{'Part' if percent else 'Nombre'} de marchés avec une clause n° {rank}",
        code=f"{action.code}-{rank}.G",
        type="percent" if percent else "count",
        unit="" if percent else "marché",
        sense=chance.choice(["up", "up", "down", ""]),
        baseline_from=YEARS[0],
    )
    if rank % 2:
        make.TargetFactory(
            measure=measure,
            code=f"C{rank}",
            value=Decimal(chance.randrange(20, 90)),
            comparison=chance.choice(["at_least", "at_least", "at_most"]),
            year=chance.choice([*YEARS[-3:], YEARS[-1] + 2]),
            set_on=None,
        )
    if rank % 30 == 0:
        make.SeriesBreakFactory(measure=measure, year=YEARS[-1])
    return measure


def _make_year(make, chance, scheme, year, actions, measures):
    """A sheet an action and a reading a measure, one in seven of which is missing; the last year is still being entered."""
    last = year == YEARS[-1]
    campaign = make.CampaignFactory(scheme=scheme, year=year)
    reports = {}
    for action in actions:
        status = chance.choice(["validated", "validated", "submitted", "returned"]) if last else "validated"
        reports[action.pk] = make.ReportFactory(
            campaign=campaign, action=action, state=chance.choice(STATES), **{status: True}
        )
    for measure in measures:
        if chance.random() < 1 / 7:
            continue
        make.ReadingFactory(
            report=reports[measure.indicator.action_id],
            measure=measure,
            number=Decimal(chance.randrange(5, 100)),
        )


def queries_of(page):
    """[(SQL, parameters)] of what `page()` asks of the database."""
    from django.db import connection

    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        page()
    return asked


def run(queries):
    """Execute `queries` and fetch all that they find, with a bare cursor."""
    from django.db import connection

    with connection.cursor() as cursor:
        for sql, params in queries:
            cursor.execute(sql, params)
            if cursor.description:
                cursor.fetchall()


def interleaved(rounds, *functions):
    """The median time of each of `functions` in milliseconds, taken in turn so that what slows one slows all."""
    times = [[] for _ in functions]
    for _ in range(rounds):
        for found, function in zip(times, functions, strict=True):
            start = perf_counter()
            function()
            found.append(1000 * (perf_counter() - start))
    return [median(found) for found in times]


def compare(address, rounds=15):
    """Print how long the page at `address(scheme)` takes, read by a steering team, beside the bare queries that it needs."""
    with database() as vendor:
        from django.test import Client

        scheme, user = make_scheme()
        client, path = Client(), address(scheme)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        def page():
            response = client.get(path)
            if response.status_code != 200:
                raise SystemExit(f"{path}: {response.status_code}")
            return response

        queries = queries_of(page)
        whole, bare = interleaved(rounds, page, lambda: run(queries))
        print(f"{path} ({vendor}, {len(YEARS)} years, {MEASURES} measures, medians of {rounds} rounds)")
        print(f"page          {whole:8.1f} ms   {len(page().content) / 1000:.0f} kB")
        print(f"bare queries  {bare:8.1f} ms   {len(queries)} queries")
        print(f"ratio         {whole / bare:8.1f}")
