"""The whole plan by the API, with all readings of all years, beside bare SQL and `json.dumps` of the same content, in one run.

    .venv/bin/python benchmarks/api_plan.py

Needs the development dependencies. Makes a scheme of realistic size (27 actions, 150 measures, 8 years) in a temporary SQLite
database, or in a test database of the PostgreSQL server that DATABASE_URL names. The request goes through Django's test client with
a key: authentication, throttling, negotiation, JSON and the ETag are in its time. The bare side executes one SELECT a table, by hand
and without rights, makes the same document and writes it with `json.dumps`; the run fails when the two differ. Exits with 1 above
LIMIT, the ratio that the project holds itself to.
"""

import json
import sys
from datetime import date
from itertools import groupby

from common import YEARS, database, interleaved, make_scheme, queries_of

LIMIT = 4
ROUNDS = 15
SCHEME = "SELECT s.*, o.slug AS organisation FROM actions_scheme s JOIN actions_organisation o ON o.id = s.organisation_id WHERE s.slug = %s"
PILLARS = "SELECT * FROM actions_pillar WHERE scheme_id = %s ORDER BY position, id"
OBJECTIVES = """SELECT o.*, p.code AS pillar FROM actions_objective o JOIN actions_pillar p ON p.id = o.pillar_id
    WHERE o.scheme_id = %s ORDER BY p.position, p.id, o.position, o.id"""
ACTIONS = """SELECT a.*, o.code AS objective, p.code AS pillar, w.code AS parent FROM actions_action a
    LEFT JOIN actions_objective o ON o.id = a.objective_id LEFT JOIN actions_pillar p ON p.id = o.pillar_id
    LEFT JOIN actions_action w ON w.id = a.parent_id WHERE a.scheme_id = %s ORDER BY p.position, o.position, a.position, a.id"""
INVOLVEMENTS = """SELECT i.action_id, d.code AS direction, i.role, i.note FROM actions_involvement i
    JOIN actions_direction d ON d.id = i.direction_id JOIN actions_action a ON a.id = i.action_id
    WHERE a.scheme_id = %s ORDER BY i.action_id, i.position, i.id"""
INDICATORS = """SELECT i.*, a.code AS action FROM indicators_indicator i JOIN actions_action a ON a.id = i.action_id
    JOIN actions_objective o ON o.id = a.objective_id JOIN actions_pillar p ON p.id = o.pillar_id
    WHERE i.scheme_id = %s ORDER BY p.position, o.position, a.position, i.position, i.id"""
MEASURES = """SELECT m.*, i.code AS indicator, a.code AS action FROM indicators_measure m
    JOIN indicators_indicator i ON i.id = m.indicator_id JOIN actions_action a ON a.id = i.action_id
    JOIN actions_objective o ON o.id = a.objective_id JOIN actions_pillar p ON p.id = o.pillar_id
    WHERE m.scheme_id = %s ORDER BY p.position, o.position, a.position, i.position, m.position, m.id"""
BREAKS = """SELECT b.* FROM indicators_seriesbreak b JOIN indicators_measure m ON m.id = b.measure_id
    WHERE m.scheme_id = %s ORDER BY b.measure_id, b.year, b.id"""
TARGETS = """SELECT t.*, m.code AS measure FROM indicators_target t LEFT JOIN indicators_measure m ON m.id = t.measure_id
    WHERE t.scheme_id = %s ORDER BY t.position, t.year, t.id"""
READINGS = """SELECT r.*, c.year, c.period, f.status, c.demonstration FROM indicators_reading r
    JOIN indicators_report f ON f.id = r.report_id JOIN indicators_campaign c ON c.id = f.campaign_id
    JOIN indicators_measure m ON m.id = r.measure_id
    WHERE m.scheme_id = %s ORDER BY r.measure_id, c.year, c.period"""
NUMBERS = {"value", "value_max", "baseline_value", "threshold", "number", "numerator", "denominator"}
FLAGS = {"bonus", "each_year", "relative", "boolean", "demonstration"}


def select(sql, *parameters):
    """[{column: JSON value}] of a query."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        for name in NUMBERS & row.keys():
            if row[name] is not None and not isinstance(row[name], str):
                row[name] = float(row[name])
        for name in FLAGS & row.keys():
            if row[name] is not None:
                row[name] = bool(row[name])
        for name, value in row.items():
            if isinstance(value, date):
                row[name] = value.isoformat()
    return rows


def below(rows, link):
    return {key: list(found) for key, found in groupby(rows, key=lambda row: row[link])}


def only(row, names, **more):
    return {name: more[name] if name in more else row[name] for name in names}


def bare(slug, names):
    """The same document, as JSON; `names` are the members of its elements."""
    [scheme] = select(SCHEME, slug)
    pk = scheme["id"]
    own = {"scheme": slug}
    pillars = [only(row, names["pillars"], **own) for row in select(PILLARS, pk)]
    objectives = [only(row, names["objectives"], **own) for row in select(OBJECTIVES, pk)]
    involvements = below(select(INVOLVEMENTS, pk), "action_id")
    actions = []
    for row in select(ACTIONS, pk):
        parts = [only(part, ("direction", "role", "note")) for part in involvements.get(row["id"], [])]
        pilots = [part["direction"] for part in parts if part["role"] == "pilot"]
        actions.append(only(row, names["actions"], involvements=parts, pilots=pilots, steps=[], **own))
    nothing = {"breakdown": None, "refers_to": None, "duplicate_of": None, **own}
    indicators = [only(row, names["indicators"], **nothing) for row in select(INDICATORS, pk)]
    breaks, readings = below(select(BREAKS, pk), "measure_id"), below(select(READINGS, pk), "measure_id")
    measures = []
    for row in select(MEASURES, pk):
        linked = dict.fromkeys(
            (
                "item",
                "item_name",
                "alternative_to",
                "continues",
                "continues_scheme",
                "legal_category",
                "buyer",
            ),
            None,
        )
        values = [
            only(
                reading,
                names["values"],
                campaign=str(reading["year"]),
                value=reading["number"],
                computed=False,
                points=False,
            )
            for reading in readings.get(row["id"], [])
        ]
        found = [only(note, ("year", "note")) for note in breaks.get(row["id"], [])]
        measures.append(
            only(row, names["measures"], sources=[], breaks=found, values=values, **linked, **own)
        )
    targets = [only(row, names["targets"], action=None, pillar=None, **own) for row in select(TARGETS, pk)]
    scheme = only(scheme, names["scheme"], predecessor=None)
    return json.dumps(
        {
            "scheme": scheme,
            "pillars": pillars,
            "objectives": objectives,
            "actions": actions,
            "indicators": indicators,
            "measures": measures,
            "targets": targets,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def members(plan):
    """{list: the names of the members of its elements}."""
    names = {name: tuple(rows[0]) for name, rows in plan.items() if name != "scheme"}
    values = next(row["values"] for row in plan["measures"] if row["values"])
    return {**names, "scheme": tuple(plan["scheme"]), "values": tuple(values[0])}


def main():
    with database() as vendor:
        from django.conf import settings
        from django.test import Client

        from tests.factories import CredentialFactory

        settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["client"] = "100000/min"
        scheme, _ = make_scheme()
        key = CredentialFactory(organisation=scheme.organisation, scope="api_write")  # reads all sheets
        client, path = Client(), f"/api/v1/schemes/{scheme.slug}/plan/?values=all"

        def request():
            return client.get(path, headers={"Authorization": f"Bearer {key.token}"})

        plan = request().json()
        names = members(plan)
        if json.loads(bare(scheme.slug, names)) != json.loads(json.dumps(plan)):
            sys.exit("The two documents differ.")
        queries = len(queries_of(request))
        whole, sql = interleaved(ROUNDS, request, lambda: bare(scheme.slug, names))
        values = sum(len(measure["values"]) for measure in plan["measures"])
        print(f"{path} ({vendor}, {len(YEARS)} years, {values} readings, medians of {ROUNDS} rounds)")
        print(f"request        {whole:8.1f} ms   {queries} queries, {len(request().content) / 1000:.0f} kB")
        print(f"SQL and JSON   {sql:8.1f} ms")
        print(f"ratio          {whole / sql:8.2f}   (limit {LIMIT})")
        return whole / sql <= LIMIT


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
