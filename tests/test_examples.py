"""The clients of `examples/`, run as an integrator runs them, against a live server, with a real key."""

import ast
import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.utils import timezone

from indicators.entry.lines import settle
from indicators.models import Reading, ReadingChange
from spaser.api.throttling import Quota
from tests.factories import CampaignFactory, CredentialFactory, MeasureFactory, ReadingFactory, ReportFactory
from tests.plans import load_plan

EXAMPLES = Path(__file__).parent.parent / "examples"
CLIENT, SHELL = EXAMPLES / "spaser_client.py", EXAMPLES / "spaser.sh"
PLAN = "pas-de-calais-2026"


@pytest.fixture
def key(organisation):
    return CredentialFactory(organisation=organisation, name="SIS Marchés", scope="api_write")


@pytest.fixture
def report(scheme, action):
    return ReportFactory(campaign=open_campaign(scheme), action=action)


def open_campaign(scheme):
    today = timezone.localdate()
    dates = {"opens_on": today - timedelta(days=10), "closes_on": today + timedelta(days=10)}
    return CampaignFactory(scheme=scheme, year=2026, **dates)


@pytest.fixture
def measure(report):
    """A function that adds a measure to the action of the report."""

    def add(code, **fields):
        return MeasureFactory(code=code, indicator__action=report.action, **fields)

    return add


@pytest.fixture
def count(measure, report):
    count = measure("G-1", name="Réunions", unit="réunion")
    ReadingFactory(report=report, measure=count, number=Decimal(4))
    return count


@pytest.fixture
def run(live_server, key, tmp_path):
    """A function that runs a command in an empty folder, and gives what it answered."""

    def run(*command, **environment):
        known = {"PATH": os.environ["PATH"], "SPASER_ADDRESS": live_server.url, "SPASER_KEY": key.token}
        return subprocess.run(
            list(map(str, command)),
            env=known | environment,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )

    return run


@pytest.fixture
def python(run):
    return lambda *arguments, **environment: run(
        sys.executable, "-W", "error", CLIENT, *arguments, **environment
    )


@pytest.fixture
def shell(run):
    return lambda *arguments, **environment: run(SHELL, *arguments, **environment)


@pytest.fixture
def written(tmp_path):
    """A function that writes a file for a client; gives its name."""

    def write(text, encoding="utf-8"):
        (tmp_path / "envoi.csv").write_bytes(text.encode(encoding))
        return "envoi.csv"

    return write


def lines(text):
    return text.splitlines()


def stored(code="G-1"):
    """(number, version) of the reading."""
    reading = Reading.objects.get(measure__code=code)
    return reading.number, reading.version


@pytest.fixture
def meanwhile(monkeypatch, count, pilot):
    """A pilot writes 7 when the client has read, and not sent yet."""

    def late(entries, **options):
        Reading.objects.filter(measure=count).update(
            number=7, version=2, changed_by=pilot, changed_at=timezone.now()
        )
        return settle(entries, **options)

    monkeypatch.setattr("indicators.api.writing.settle", late)


# On the plan of the Pas-de-Calais, with the files that are given


@pytest.fixture
def pas_de_calais(db):
    scheme = load_plan(PLAN)
    campaign = open_campaign(scheme)
    for action in scheme.actions.all():
        ReportFactory(campaign=campaign, action=action)
    return scheme


def test_the_sample_files_are_taken_whole(pas_de_calais, python, shell):
    key = CredentialFactory(organisation=pas_de_calais.organisation, name="Finances", scope="api_write")
    sent = shell("lot", PLAN, EXAMPLES / "releves.json", SPASER_KEY=key.token)
    assert (sent.returncode, sent.stderr) == (0, "")
    assert json.loads(sent.stdout)["counts"]["created"] == 2
    arguments = ["releves", PLAN, "2026", EXAMPLES / "releves.csv", "--tout-ou-rien"]
    sent = python(*arguments, SPASER_KEY=key.token)
    assert (sent.returncode, sent.stderr) == (0, "")
    assert lines(sent.stdout) == [
        "Ligne 2, ENV-1.1-1 : créé",
        "Ligne 3, ENV-1.1-2.COL : créé",
        "Ligne 4, ENV-1.1-5 : créé",
        "Ligne 5, ENV-1.2-1 : inchangé",
        "Ligne 6, ENV-1.2-2.NB : créé",
        "Ligne 7, ENV-1.2-3 : créé",
        "Ligne 8, ENV-2.2-2 : créé",
        "Ligne 9, ENV-2.3.C-3 : créé",
        "Ligne 11, SOC-1.3.A-2 : créé",
        "Ligne 12, SOC-1.3.A-3 : inchangé",
    ]
    readings = {reading.measure.code: reading for reading in Reading.objects.select_related("measure")}
    assert len(readings) == 10
    assert readings["ENV-1.1-1"].boolean is True
    assert readings["ENV-1.1-2.COL"].number == Decimal("41.5")
    assert readings["ENV-1.1-5"].numerator == Decimal("12345.50")
    assert readings["ENV-1.1-5"].denominator == Decimal("98765.40")
    assert readings["ENV-1.2-3"].missing == "not_available"
    assert readings["ENV-2.2-2"].number == Decimal("1234567.89")
    assert readings["ENV-2.3.C-3"].comment == (
        "Valeur inventée pour l’exemple ;\nd’après le tableau des marchés"
    )
    assert readings["SOC-1.3.A-2"].source == "SIS Marchés"
    assert {(reading.door, reading.changed_by_id) for reading in readings.values()} == {
        ("api", key.account_id)
    }
    assert "inventé" in " ".join({reading.comment for reading in readings.values()})
    shown = lines(python("plan", PLAN, "--csv", SPASER_KEY=key.token).stdout)
    assert shown[0] == "code;grandeur;unité;valeur;campagne"
    assert len(shown) == 1 + 177
    codes = [line.split(";")[0] for line in shown[1:]]
    assert codes[:4] == [
        "ENV-1.1-1",
        "ENV-1.1-2.COL",
        "ENV-1.1-2.EST",
        "ENV-1.1-3.COL",
    ]  # as the document goes
    assert codes[-1] == "TRA-1.2-2"
    assert (
        "ENV-1.2-1;Nombre de réunions ou d'ateliers organisés entre chefs;réunion ou atelier;6;2026" in shown
    )
    found = {line.split(";")[0]: line.split(";")[-2:] for line in shown}
    assert found["ENV-1.1-1"] == ["oui", "2026"]
    assert found["ENV-1.1-5"] == ["12,50", "2026"]
    assert found["ENV-1.2-3"] == ["non disponible", "2026"]
    assert found["ENV-2.2-2"] == ["1234567,89", "2026"]
    assert found["ENV-2.1.A-1"] == ["", ""]


# The Python client


def test_it_needs_no_more_than_python_3_9():
    tree = ast.parse(CLIENT.read_text(encoding="utf-8"), feature_version=(3, 9))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_the_plan_is_a_table_kept_until_it_changes(python, count, report, tmp_path):
    first = python("plan", "spaser-2026", "--cache", "plan.json")
    assert (first.returncode, first.stderr) == (0, "")
    assert [line.split() for line in lines(first.stdout)] == [
        ["code", "grandeur", "valeur", "unité", "campagne"],
        ["G-1", "Réunions", "4", "réunion", "2026"],
    ]
    assert (tmp_path / "plan.json").stat().st_mode & 0o077 == 0
    second = python("plan", "spaser-2026", "--cache", "plan.json")
    assert second.stderr == "Le plan n’a pas changé depuis la dernière lecture.\n"
    assert second.stdout == first.stdout
    ReadingFactory(
        report=report, measure=MeasureFactory(code="G-9", indicator=count.indicator), number=Decimal(5)
    )
    third = python("plan", "spaser-2026", "--cache", "plan.json")
    assert (third.stderr, len(lines(third.stdout))) == ("", 3)


def test_a_file_is_written_with_its_history(python, count, key, measure, written):
    measure("G-2", type="ratio")
    measure("G-3", type="amount")
    name = written(
        "code;valeur;numérateur;dénominateur;commentaire;source;\r\n"
        "G-1;12;;;Extraction d’août;SIS Marchés;\r\n"
        "G-2;;1\u202f234,5;2 469;;;\r\n"
        "G-3;;;;;;\r\n",
        encoding="utf-8-sig",
    )
    for outcomes in (["modifié", "créé"], ["inchangé", "inchangé"]):
        sent = python("releves", "spaser-2026", "2026", name)
        assert (sent.returncode, sent.stderr) == (0, "")
        assert lines(sent.stdout) == [f"Ligne 2, G-1 : {outcomes[0]}", f"Ligne 3, G-2 : {outcomes[1]}"]
    reading = Reading.objects.get(measure=count)
    assert (reading.number, reading.comment, reading.source) == (12, "Extraction d’août", "SIS Marchés")
    assert (reading.door, reading.changed_by) == ("api", key.account)
    rate = Reading.objects.get(measure__code="G-2")
    assert (rate.numerator, rate.denominator) == (Decimal("1234.5"), 2469)
    history = ReadingChange.objects.filter(reading=reading).order_by("pk").last()
    assert (history.version, history.door, history.changed_by_id) == (2, "api", key.account_id)
    assert not Reading.objects.filter(measure__code="G-3").exists()


def test_a_file_of_an_old_excel_is_read(python, count, written):
    name = written("code;valeur;commentaire\r\nG-1;12;Été – 5 € de plus\r\n", encoding="cp1252")
    assert python("releves", "spaser-2026", "2026", name).returncode == 0
    assert Reading.objects.get().comment == "Été – 5 € de plus"


def test_a_refused_line_is_named_and_the_others_are_taken(python, count, measure, written):
    measure("G-2", type="ratio")
    name = written(
        "code;valeur;numerateur;denominateur;commentaire;source\n"
        "G-1;5;;;;\n\nNULLE-PART;1;;;;\nG-2;;trois;-4;;\n;9;;;;\n"
    )
    sent = python("releves", "spaser-2026", "2026", name)
    assert (sent.returncode, sent.stderr) == (1, "")
    assert lines(sent.stdout) == [
        "Ligne 2, G-1 : modifié",
        "Ligne 4, NULLE-PART : refusé",
        "    code : Ce code n’est celui d’aucune grandeur du schéma.",
        "Ligne 5, G-2 : refusé",
        "    numerateur : « trois » n’est pas un nombre : écrivez par exemple 1 234,56.",
        "    denominateur : Un terme d’un taux n’est pas négatif.",
        "Ligne 6, (sans code) : refusé",
        "    code : Ce champ est obligatoire.",
    ]
    assert stored() == (5, 2)


@pytest.mark.parametrize(
    ("option", "first"), [("--essai", "modifié"), ("--tout-ou-rien", "acceptable, mais non écrit")]
)
def test_nothing_is_written_by_a_trial_nor_of_a_whole_with_a_refused_line(
    python, count, written, option, first
):
    sent = python("releves", "spaser-2026", "2026", written("code;valeur\nG-1;5\nG-2;6\n"), option)
    assert (sent.returncode, sent.stderr) == (1, "")
    assert lines(sent.stdout) == [
        f"Ligne 2, G-1 : {first}",
        "Ligne 3, G-2 : refusé",
        "    code : Ce code n’est celui d’aucune grandeur du schéma.",
        "Rien n’est écrit.",
    ]
    assert stored() == (4, 1)
    assert ReadingChange.objects.filter(reading__measure=count).count() == 1


def test_a_long_file_leaves_in_batches_and_keeps_its_line_numbers(python, count, written):
    rows = "".join(f"ABSENT-{number};1\n" for number in range(2, 1002))
    name = written(f"code;valeur\n{rows}G-1;5\n")
    sent = python("releves", "spaser-2026", "2026", name)
    assert sent.returncode == 1
    told = [line for line in lines(sent.stdout) if line.startswith("Ligne")]
    assert told[500] == "Ligne 502, ABSENT-502 : refusé"
    assert told[-1] == "Ligne 1002, G-1 : modifié"
    assert len(told) == 1001
    whole = python("releves", "spaser-2026", "2026", name, "--tout-ou-rien")
    assert (whole.returncode, whole.stdout) == (1, "")
    assert whole.stderr == "--tout-ou-rien : 1000 lignes au plus, le fichier en a 1001.\n"


@pytest.mark.usefixtures("meanwhile")
def test_what_a_pilot_changes_meanwhile_is_not_overwritten(python, written):
    sent = python("releves", "spaser-2026", "2026", written("code;valeur\nG-1;5\n"))
    assert sent.returncode == 1
    assert lines(sent.stdout) == [
        "Ligne 2, G-1 : changé entre-temps, laissé tel quel",
        "    version : Ce relevé a changé depuis la version donnée.",
    ]
    assert stored() == (7, 2)


def test_a_file_may_say_which_version_it_knows(python, count, written):
    name = written("code;valeur;version\nG-1;5;0\n")
    assert "changé entre-temps" in python("releves", "spaser-2026", "2026", name).stdout
    assert stored() == (4, 1)
    name = written("code;valeur;version\nG-1;5;1\n")
    assert python("releves", "spaser-2026", "2026", name).returncode == 0
    assert stored() == (5, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "codes;valeur\nG-1;5\n",
            "La première ligne nomme les colonnes, parmi : code, valeur, numerateur, denominateur, commentaire, source, version.",
        ),
        ("code;valeur\nG-1;1;2;3\n", "Ligne 2 : 4 cellules, pour 2 colonnes."),
    ],
)
def test_a_file_of_another_shape_is_not_sent(python, count, written, content, message):
    sent = python("releves", "spaser-2026", "2026", written(content))
    assert (sent.returncode, sent.stdout, sent.stderr) == (1, "", f"{message}\n")
    assert stored() == (4, 1)


def test_one_reading_is_written_then_changed(python, count, measure):
    measure("G-2", type="ratio")
    told = python("releve", "spaser-2026", "G-1", "2026", "--valeur", "1 234", "--source", "SIS")
    assert (told.returncode, told.stdout) == (0, 'G-1, 2026 : 1234 (ETag "2-draft")\n')
    told = python("releve", "spaser-2026", "G-2", "2026", "--numerateur", "1", "--denominateur", "3")
    assert (told.returncode, told.stdout) == (0, 'G-2, 2026 : 33,33 (ETag "1-draft")\n')
    assert stored() == (1234, 2)
    told = python("releve", "spaser-2026", "G-1", "2026", "--valeur", "5", "--etag", '"1-draft"')
    assert (told.returncode, told.stdout) == (1, "")
    assert lines(told.stderr) == [
        "La valeur a changé entre-temps : Relisez le relevé, puis envoyez de nouveau ce qui doit y changer.",
        "    Valeur actuelle : 1234",
    ]
    told = python("releve", "spaser-2026", "G-1", "2026", "--valeur", "beaucoup")
    assert told.returncode == 1
    assert lines(told.stderr) == [
        "Des valeurs sont refusées",
        "    valeur : « beaucoup » n’est pas un nombre : écrivez par exemple 1 234,56.",
    ]
    assert stored() == (1234, 2)


@pytest.mark.usefixtures("meanwhile")
def test_one_reading_changed_meanwhile_stays(python):
    told = python("releve", "spaser-2026", "G-1", "2026", "--valeur", "5")
    assert told.returncode == 1
    assert "Valeur actuelle : 7" in told.stderr
    assert stored() == (7, 2)


# Both


@pytest.fixture(params=["python", "shell"])
def send(request, python, shell):
    """A function that sends 5 for G-1, by either client."""

    def send(**environment):
        if request.param == "python":
            return python("releve", "spaser-2026", "G-1", "2026", "--valeur", "5", **environment)
        return shell("releve", "spaser-2026", "G-1", "2026", "5", **environment)

    return send


def test_a_wrong_key_says_why(send, count):
    told = send(SPASER_KEY="spaser_00000000_rien")
    assert told.returncode == 1
    assert "Il faut s’identifier" in told.stderr
    assert "Cette clé d’accès n’existe pas." in told.stderr
    assert stored() == (4, 1)


def test_a_key_to_read_writes_nothing(send, count, organisation):
    told = send(SPASER_KEY=CredentialFactory(organisation=organisation).token)
    assert told.returncode == 1
    assert "Cette clé d’accès ne donne que la lecture." in told.stderr
    assert stored() == (4, 1)


def test_too_many_requests_are_waited_for(send, count, settings, monkeypatch):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    monkeypatch.setattr(Quota, "THROTTLE_RATES", {"client": "1/second"})
    refused = []
    wait = Quota.wait
    monkeypatch.setattr(Quota, "wait", lambda quota: refused.append(quota) or wait(quota))
    told = send()
    assert told.returncode == 0
    assert refused
    assert stored() == (5, 2)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"SPASER_ADDRESS": "http://spaser.example.org"},
            "SPASER_ADDRESS : l’adresse du site, en https:// (http:// : localhost seul).",
        ),
        (
            {"SPASER_ADDRESS": "http://localhost.example.org"},
            "SPASER_ADDRESS : l’adresse du site, en https:// (http:// : localhost seul).",
        ),
        (
            {"SPASER_ADDRESS": ""},
            "SPASER_ADDRESS : l’adresse du site, en https:// (http:// : localhost seul).",
        ),
        (
            {"SPASER_KEY": ""},
            "SPASER_KEY : une clé d’accès, que l’équipe de pilotage crée sur le site.",
        ),
    ],
)
def test_the_key_does_not_leave_in_clear(send, environment, message):
    told = send(**environment)
    assert (told.returncode, told.stdout, told.stderr) == (1, "", f"{message}\n")


@pytest.fixture
def another_site():
    """(address, requests) of a site that sends elsewhere whoever asks."""
    asked = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(301)
            self.send_header("Location", "/ailleurs")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_PUT = do_GET

        def log_message(self, *args):
            pass

    with HTTPServer(("localhost", 0), Elsewhere) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://localhost:{server.server_port}", asked
        server.shutdown()


def test_the_key_follows_nobody_elsewhere(send, another_site):
    address, asked = another_site
    told = send(SPASER_ADDRESS=address)
    assert told.returncode == 1
    assert "Réponse 301" in told.stderr
    assert asked
    assert set(asked) == {"/api/v1/schemes/spaser-2026/readings/G-1/2026/"}


# The shell client


def test_the_shell_keeps_the_plan_until_it_changes(shell, count, report, tmp_path):
    kept = tmp_path / "plan.json"
    told = shell("plan", "spaser-2026", "plan.json")
    assert (told.returncode, told.stdout, told.stderr) == (0, "Le plan est dans plan.json.\n", "")
    assert json.loads(kept.read_text(encoding="utf-8"))["measures"][0]["values"][0]["value"] == 4
    assert shell("plan", "spaser-2026", "plan.json").stdout == "Le plan n’a pas changé.\n"
    content = kept.read_text(encoding="utf-8")
    assert json.loads(content)["measures"][0]["code"] == "G-1"
    told = shell("plan", "absent", "plan.json")
    assert (told.returncode, kept.read_text(encoding="utf-8")) == (1, content)
    assert "Rien à cette adresse, ou rien que vous puissiez lire." in told.stderr
    ReadingFactory(
        report=report, measure=MeasureFactory(code="G-9", indicator=count.indicator), number=Decimal(5)
    )
    assert shell("plan", "spaser-2026", "plan.json").stdout == "Le plan est dans plan.json.\n"
    assert len(json.loads(kept.read_text(encoding="utf-8"))["measures"]) == 2


def test_the_shell_writes_one_reading(shell, count, measure, key):
    measure("G-2", type="text")
    told = shell("releve", "spaser-2026", "G-1", "2026", "1 234")
    assert (told.returncode, told.stderr) == (0, "")
    assert json.loads(told.stdout)["value"] == 1234
    assert stored() == (1234, 2)
    assert Reading.objects.get(measure=count).changed_by == key.account
    assert shell("releve", "spaser-2026", "G-2", "2026", 'Dit « oui » \\ "non"').returncode == 0
    assert Reading.objects.get(measure__code="G-2").text == 'Dit « oui » \\ "non"'
    told = shell("releve", "spaser-2026", "G-1", "2026", "beaucoup")
    assert told.returncode == 1
    assert "« beaucoup » n’est pas un nombre" in told.stderr


@pytest.mark.usefixtures("meanwhile")
def test_the_shell_does_not_overwrite_what_changed_meanwhile(shell):
    told = shell("releve", "spaser-2026", "G-1", "2026", "5")
    assert told.returncode == 1
    assert "La valeur a changé entre-temps" in told.stderr
    assert stored() == (7, 2)


def test_the_shell_says_what_became_of_a_batch(shell, count, written):
    readings = [
        {"measure": "G-1", "campaign": "2026", "value": 5},
        {"measure": "ABSENT", "campaign": "2026", "value": 5},
    ]
    told = shell("lot", "spaser-2026", written(json.dumps({"readings": readings})))
    assert told.returncode == 1
    assert [result["outcome"] for result in json.loads(told.stdout)["results"]] == ["updated", "refused"]
    assert stored() == (5, 2)
    told = shell("lot", "spaser-2026", "absent.json")
    assert (told.returncode, told.stderr) == (1, "Ce fichier ne se lit pas : absent.json\n")


def test_no_command_of_the_shell_shows_the_key(shell, count, key, tmp_path):
    real = shutil.which("curl")
    assert real, "curl is a package that `make test` installs"
    seen = tmp_path / "seen"
    spy = tmp_path / "bin" / "curl"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\ncat "/proc/$$/cmdline" >> {seen}\nexec {real} "$@"\n', encoding="utf-8")
    spy.chmod(0o755)
    told = shell("releve", "spaser-2026", "G-1", "2026", "5", PATH=f"{spy.parent}:{os.environ['PATH']}")
    assert told.returncode == 0
    assert "readings/G-1/2026/" in seen.read_text(encoding="utf-8")
    assert key.token not in seen.read_text(encoding="utf-8")
