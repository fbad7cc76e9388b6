"""Every address of the site for every role: what it answers, that it tells nothing of others, that a refusal changes nothing.

The rights are those of docs/guide.md and of decision 0003; the administration's inner pages have tests of their own. A new
address fails here until somebody has written down what each role gets from it.
"""

import io
import zipfile
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import transaction
from django.urls import URLResolver, get_resolver, reverse

from actions.models import Role
from tests.factories import MembershipFactory
from tests.world import FRUIT, World

pytestmark = pytest.mark.django_db


def table(text):
    """{address: {role: status}} of a table whose columns are roles."""
    heads, *rows = (line.split() for line in text.strip().splitlines())
    return {name: dict(zip(heads, map(int, statuses), strict=True)) for name, *statuses in rows}


# 200 shown; 302 led elsewhere, for who is not logged in to the login; 403 in sight, not allowed; 404 out of sight;
# 405 not an address to read. Between members nothing is hidden but sheets: a draft or a returned one is for the steering
# team and the directions involved, a submitted one for the other directions too, a validated one for everybody.
# "superuser" has no membership, "stranger" is of another steering team, "inactive" was of this one.
GET = table(
    """
                            anonymous inactive pilot contributor other_pilot copil steering stranger superuser
home                        200       200      302   302         302         200   200      200      200
schemes                     302       302      200   200         200         200   200      200      200
edition_file                404       404      200   200         200         200   200      404      404
editions                    200       200      200   200         200         200   200      200      200
draft_add                   302       302      403   403         403         403   200      404      404
draft                       302       302      403   403         403         403   200      404      404
draft_texts                 302       302      403   403         403         403   200      404      404
highlight_add               302       302      403   403         403         403   200      404      404
highlight_edit              302       302      403   403         403         403   200      404      404
highlight_remove            302       302      405   405         405         405   405      405      405
highlight_picture           302       302      403   403         403         403   404      404      404
legal_figures               302       302      403   403         403         403   200      404      404
legal_figure                302       302      403   403         403         403   200      404      404
draft_make                  302       302      403   403         403         403   302      404      404
draft_progress              302       302      403   403         403         403   200      404      404
draft_preview               302       302      403   403         403         403   404      404      404
draft_resume                302       302      405   405         405         405   405      405      405
draft_give_up               302       302      405   405         405         405   405      405      405
draft_delete                302       302      405   405         405         405   405      405      405
edition_latest              404       404      200   200         200         200   200      404      404
edition                     404       404      200   200         200         200   200      404      404
edition_picture             404       404      200   200         200         200   200      404      404
edition_latest_file         404       404      200   200         200         200   200      404      404
edition_correct             302       302      403   403         403         403   200      404      404
edition_visibility          302       302      405   405         405         405   405      405      405
posting_add                 302       302      403   403         403         403   200      404      404
posting_remove              302       302      405   405         405         405   405      405      405
direction                   302       302      200   200         200         200   200      404      404
login                       200       200      302   302         302         302   302      302      302
logout                      302       302      405   405         405         405   405      405      405
password_change             302       302      200   200         200         200   200      200      200
password_change_done        302       302      200   200         200         200   200      200      200
password_reset              200       200      200   200         200         200   200      200      200
password_reset_done         200       200      200   200         200         200   200      200      200
password_reset_confirm      200       200      200   200         200         200   200      200      200
password_reset_complete     200       200      200   200         200         200   200      200      200
admin:index                 302       302      403   403         403         403   200      200      200
my_work                     302       302      200   200         200         200   200      200      200
my_reminders                302       302      302   302         302         302   302      302      302
search                      302       302      200   200         200         200   200      200      200
dashboard                   302       302      200   200         200         200   200      404      404
action_list                 302       302      200   200         200         200   200      404      404
explorer                    302       302      200   200         200         200   200      404      404
explorer_export@xlsx        302       302      200   200         200         200   200      404      404
explorer_export@csv         302       302      200   200         200         200   200      404      404
compare                     302       302      200   200         200         200   200      404      404
reminders_unsubscribe       200       200      200   200         200         200   200      200      200
organisation_add            302       302      403   403         403         403   403      403      200
appearance                  302       302      403   403         403         403   200      404      404
organisation_theme          404       404      200   200         200         200   200      404      404
organisation_logo           404       404      200   200         200         200   200      404      404
style                       404       404      404   404         404         404   404      404      404
members                     302       302      403   403         403         403   200      404      404
member_remove               302       302      405   405         405         405   405      405      405
member_invite               302       302      405   405         405         405   405      405      405
credentials                 302       302      403   403         403         403   200      404      404
credential_add              302       302      403   403         403         403   200      404      404
credential_revoke           302       302      403   403         403         403   200      404      404
directions                  302       302      403   403         403         403   200      404      404
direction_add               302       302      403   403         403         403   200      404      404
direction_edit              302       302      403   403         403         403   200      404      404
direction_merge             302       302      403   403         403         403   200      404      404
help                        200       200      200   200         200         200   200      200      200
guide                       200       200      200   200         200         200   200      200      200
api_guide                   200       200      200   200         200         200   200      200      200
news                        200       200      200   200         200         200   200      200      200
accessibility               200       200      200   200         200         200   200      200      200
legal_notice                200       200      200   200         200         200   200      200      200
privacy                     200       200      200   200         200         200   200      200      200
page_edit                   302       302      403   403         403         403   200      404      404
plan_import                 302       302      403   403         403         403   200      404      404
plan_template               302       302      403   403         403         403   200      404      404
scheme                      302       302      200   200         200         200   200      404      404
action                      302       302      200   200         200         200   200      404      404
indicator                   302       302      200   200         200         200   200      404      404
plan_upkeep                 302       302      403   403         403         403   200      404      404
scheme_successor            302       302      403   403         403         403   200      404      404
action_add                  302       302      403   403         403         403   200      404      404
action_edit                 302       302      403   403         403         403   200      404      404
action_end                  302       302      403   403         403         403   200      404      404
action_resume               302       302      405   405         405         405   405      405      405
action_involvements         302       302      403   403         403         403   200      404      404
committees                  302       302      403   403         403         403   200      404      404
committee_add               302       302      403   403         403         403   200      404      404
committee_edit              302       302      403   403         403         403   200      404      404
meeting_add                 302       302      403   403         403         403   200      404      404
meeting_edit                302       302      403   403         403         403   200      404      404
meeting_remove              302       302      403   403         403         403   200      404      404
indicator_add               302       302      403   403         403         403   200      404      404
indicator_edit              302       302      403   403         403         403   200      404      404
measure_add                 302       302      403   403         403         403   200      404      404
measure_edit                302       302      403   403         403         403   200      404      404
measure_computation         302       302      403   403         403         403   200      404      404
target_add                  302       302      403   403         403         403   200      404      404
target_edit                 302       302      403   403         403         403   200      404      404
target_remove               302       302      405   405         405         405   405      405      405
break_add                   302       302      403   403         403         403   200      404      404
break_remove                302       302      405   405         405         405   405      405      405
breakdown                   302       302      403   403         403         403   200      404      404
item_add                    302       302      403   403         403         403   200      404      404
item_measures               302       302      403   403         403         403   200      404      404
campaigns                   302       302      200   200         200         200   200      404      404
campaign                    302       302      200   200         200         200   200      404      404
campaign_conduct            302       302      403   403         403         403   200      404      404
campaign_open               302       302      405   405         405         405   405      405      405
campaign_close              302       302      405   405         405         405   405      405      405
campaign_reopen             302       302      405   405         405         405   405      405      405
campaign_complete           302       302      405   405         405         405   405      405      405
campaign_delete             302       302      405   405         405         405   405      405      405
campaign_reminders          302       302      403   403         403         403   200      404      404
campaign_review             302       302      405   405         405         405   405      405      405
campaign_workbook           302       302      200   200         403         403   200      404      404
campaign_workbook_download  302       302      200   200         403         403   200      404      404
campaign_grid               302       302      200   200         403         403   200      404      404
report@draft                302       302      200   200         404         404   200      404      404
report@submitted            302       302      200   200         200         404   200      404      404
report@returned             302       302      200   200         404         404   200      404      404
report@validated            302       302      200   200         200         200   200      404      404
evidence@draft              302       302      200   200         404         404   200      404      404
evidence@submitted          302       302      200   200         403         404   200      404      404
evidence@returned           302       302      200   200         404         404   200      404      404
evidence@validated          302       302      200   200         403         403   200      404      404
report_remark@draft         302       302      200   200         404         404   200      404      404
report_remark@submitted     302       302      200   200         403         404   200      404      404
report_remark@returned      302       302      200   200         404         404   200      404      404
report_remark@validated     302       302      200   200         403         403   200      404      404
report_history@draft        302       302      200   200         404         404   200      404      404
report_history@submitted    302       302      200   200         403         404   200      404      404
report_history@returned     302       302      200   200         404         404   200      404      404
report_history@validated    302       302      200   200         403         403   200      404      404
report_review@draft         302       302      403   403         404         404   200      404      404
report_review@submitted     302       302      403   403         403         404   200      404      404
report_review@returned      302       302      403   403         404         404   200      404      404
report_review@validated     302       302      403   403         403         403   200      404      404
"""
)

# With an empty form: 200 says what is missing, 302 is done; who is not logged in finds a login page that keeps what was
# typed (403).
POST = table(
    """
                            anonymous inactive pilot contributor other_pilot copil steering stranger superuser
home                        405       405      405   405         405         405   405      405      405
schemes                     403       403      405   405         405         405   405      405      405
edition_file                405       405      405   405         405         405   405      405      405
editions                    405       405      405   405         405         405   405      405      405
draft_add                   403       403      403   403         403         403   200      404      404
draft                       403       403      405   405         405         405   405      405      405
draft_texts                 403       403      403   403         403         403   200      404      404
highlight_add               403       403      403   403         403         403   200      404      404
highlight_edit              403       403      403   403         403         403   200      404      404
highlight_remove            403       403      403   403         403         403   302      404      404
highlight_picture           403       403      405   405         405         405   405      405      405
legal_figures               403       403      405   405         405         405   405      405      405
legal_figure                403       403      403   403         403         403   200      404      404
draft_make                  403       403      403   403         403         403   302      404      404
draft_progress              403       403      405   405         405         405   405      405      405
draft_preview               403       403      405   405         405         405   405      405      405
draft_resume                403       403      403   403         403         403   302      404      404
draft_give_up               403       403      403   403         403         403   302      404      404
draft_delete                403       403      403   403         403         403   302      404      404
edition_latest              405       405      405   405         405         405   405      405      405
edition                     405       405      405   405         405         405   405      405      405
edition_picture             405       405      405   405         405         405   405      405      405
edition_latest_file         405       405      405   405         405         405   405      405      405
edition_correct             403       403      403   403         403         403   200      404      404
edition_visibility          403       403      403   403         403         403   302      404      404
posting_add                 403       403      403   403         403         403   200      404      404
posting_remove              403       403      403   403         403         403   302      404      404
direction                   403       403      405   405         405         405   405      405      405
login                       200       200      302   302         302         302   302      302      302
logout                      403       403      302   302         302         302   302      302      302
password_change             403       403      200   200         200         200   200      200      200
password_change_done        403       403      405   405         405         405   405      405      405
password_reset              200       200      200   200         200         200   200      200      200
password_reset_done         405       405      405   405         405         405   405      405      405
password_reset_confirm      200       200      200   200         200         200   200      200      200
password_reset_complete     405       405      405   405         405         405   405      405      405
admin:index                 403       403      403   403         403         403   200      200      200
my_work                     403       403      405   405         405         405   405      405      405
my_reminders                403       403      405   405         405         405   405      405      405
search                      403       403      405   405         405         405   405      405      405
dashboard                   403       403      405   405         405         405   405      405      405
action_list                 403       403      405   405         405         405   405      405      405
explorer                    403       403      405   405         405         405   405      405      405
explorer_export@xlsx        403       403      405   405         405         405   405      405      405
explorer_export@csv         403       403      405   405         405         405   405      405      405
compare                     403       403      405   405         405         405   405      405      405
reminders_unsubscribe       302       302      302   302         302         302   302      302      302
organisation_add            403       403      403   403         403         403   403      403      200
appearance                  403       403      403   403         403         403   200      404      404
organisation_theme          405       405      405   405         405         405   405      405      405
organisation_logo           405       405      405   405         405         405   405      405      405
style                       405       405      405   405         405         405   405      405      405
members                     403       403      403   403         403         403   200      404      404
member_remove               403       403      403   403         403         403   302      404      404
member_invite               403       403      403   403         403         403   302      404      404
credentials                 403       403      405   405         405         405   405      405      405
credential_add              403       403      403   403         403         403   200      404      404
credential_revoke           403       403      403   403         403         403   302      404      404
directions                  403       403      405   405         405         405   405      405      405
direction_add               403       403      403   403         403         403   200      404      404
direction_edit              403       403      403   403         403         403   200      404      404
direction_merge             403       403      403   403         403         403   200      404      404
help                        405       405      405   405         405         405   405      405      405
guide                       405       405      405   405         405         405   405      405      405
api_guide                   405       405      405   405         405         405   405      405      405
news                        405       405      405   405         405         405   405      405      405
accessibility               405       405      405   405         405         405   405      405      405
legal_notice                405       405      405   405         405         405   405      405      405
privacy                     405       405      405   405         405         405   405      405      405
page_edit                   403       403      403   403         403         403   200      404      404
plan_import                 403       403      403   403         403         403   200      404      404
plan_template               403       403      405   405         405         405   405      405      405
scheme                      403       403      405   405         405         405   405      405      405
action                      403       403      405   405         405         405   405      405      405
indicator                   403       403      405   405         405         405   405      405      405
plan_upkeep                 403       403      405   405         405         405   405      405      405
scheme_successor            403       403      403   403         403         403   200      404      404
action_add                  403       403      403   403         403         403   200      404      404
action_edit                 403       403      403   403         403         403   200      404      404
action_end                  403       403      403   403         403         403   200      404      404
action_resume               403       403      403   403         403         403   302      404      404
action_involvements         403       403      403   403         403         403   200      404      404
committees                  403       403      405   405         405         405   405      405      405
committee_add               403       403      403   403         403         403   200      404      404
committee_edit              403       403      403   403         403         403   200      404      404
meeting_add                 403       403      403   403         403         403   200      404      404
meeting_edit                403       403      403   403         403         403   200      404      404
meeting_remove              403       403      403   403         403         403   302      404      404
indicator_add               403       403      403   403         403         403   200      404      404
indicator_edit              403       403      403   403         403         403   200      404      404
measure_add                 403       403      403   403         403         403   200      404      404
measure_edit                403       403      403   403         403         403   200      404      404
measure_computation         403       403      403   403         403         403   302      404      404
target_add                  403       403      403   403         403         403   200      404      404
target_edit                 403       403      403   403         403         403   200      404      404
target_remove               403       403      403   403         403         403   302      404      404
break_add                   403       403      403   403         403         403   200      404      404
break_remove                403       403      403   403         403         403   302      404      404
breakdown                   403       403      403   403         403         403   200      404      404
item_add                    403       403      403   403         403         403   200      404      404
item_measures               403       403      403   403         403         403   302      404      404
campaigns                   403       403      403   403         403         403   200      404      404
campaign                    403       403      405   405         405         405   405      405      405
campaign_conduct            403       403      403   403         403         403   302      404      404
campaign_open               403       403      403   403         403         403   302      404      404
campaign_close              403       403      403   403         403         403   200      404      404
campaign_reopen             403       403      403   403         403         403   302      404      404
campaign_complete           403       403      403   403         403         403   302      404      404
campaign_delete             403       403      403   403         403         403   200      404      404
campaign_reminders          403       403      403   403         403         403   302      404      404
campaign_review             403       403      403   403         403         403   302      404      404
campaign_workbook           403       403      200   200         403         403   200      404      404
campaign_workbook_download  403       403      405   405         405         405   405      405      405
campaign_grid               403       403      200   200         403         403   200      404      404
report@draft                403       403      302   302         404         404   302      404      404
report@submitted            403       403      302   302         403         404   302      404      404
report@returned             403       403      302   302         404         404   302      404      404
report@validated            403       403      302   302         403         403   302      404      404
evidence@draft              403       403      405   405         405         405   405      405      405
evidence@submitted          403       403      405   405         405         405   405      405      405
evidence@returned           403       403      405   405         405         405   405      405      405
evidence@validated          403       403      405   405         405         405   405      405      405
report_remark@draft         403       403      200   200         404         404   200      404      404
report_remark@submitted     403       403      200   200         403         404   200      404      404
report_remark@returned      403       403      200   200         404         404   200      404      404
report_remark@validated     403       403      200   200         403         403   200      404      404
report_history@draft        403       403      405   405         405         405   405      405      405
report_history@submitted    403       403      405   405         405         405   405      405      405
report_history@returned     403       403      405   405         405         405   405      405      405
report_history@validated    403       403      405   405         405         405   405      405      405
report_review@draft         403       403      403   403         404         404   200      404      404
report_review@submitted     403       403      403   403         403         404   200      404      404
report_review@returned      403       403      403   403         404         404   200      404      404
report_review@validated     403       403      403   403         403         403   200      404      404
"""
)

ROLES = list(GET["home"])
REFUSED = {403, 404, 405}
READS = {  # the statuses of the sheets that a role reads; nobody else reads any
    "pilot": {"draft", "submitted", "returned", "validated"},
    "contributor": {"draft", "submitted", "returned", "validated"},
    "other_pilot": {"submitted", "validated"},
    "copil": {"validated"},
    "steering": {"draft", "submitted", "returned", "validated"},
}
MEMBERS = list(READS)
INVOLVED = {"pilot", "contributor", "steering"}
TOTAL = {("total", "value")}


@pytest.fixture
def world(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return World("Armorique", first=41_190_001)


@pytest.fixture
def twin(world):
    """The same under other names: no member of one sees anything of the other."""
    return World("Zanzibar", first=87_650_001)


@pytest.fixture
def log_in(client, world, twin):
    def log_in(role):
        if role != "anonymous":
            client.force_login(twin.people["steering"] if role == "stranger" else world.people[role])
        return client

    return log_in


def named(resolver, namespace=""):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from named(entry, f"{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name}"


def text_of(response):
    """All that a response tells, headers and inner files included, without any space, in lower case."""
    content = response.getvalue()
    if content.startswith(b"PK"):
        book = zipfile.ZipFile(io.BytesIO(content))
        content = b"".join(book.read(name) for name in book.namelist())
    if response["Content-Type"] == "image/png":
        content = b""  # the points of a logo tell no words
    return "".join(f"{response.headers}{content.decode('utf-8')}".lower().split())


def found_in(text, words):
    return {word for word in words if word in text}


def readable(role):
    """What of `World.read_in` a role reads; the total is made of the draft and of the validated sheet."""
    statuses = READS.get(role, set())
    kinds = ["value", "narrative"] + (["question"] if role in INVOLVED else [])
    total = TOTAL if {"draft", "validated"} <= statuses else set()
    return {(status, kind) for status in statuses for kind in kinds} | total


def queries(key, world):
    """What more is asked of an address, of things of `world`, by who gets 200 from it."""
    return {
        "campaign": ["?vue=direction", "?status=draft", "?status=submitted"],
        "campaign_workbook_download": ["?format=csv"],
        "explorer": ["?tri=-valeur&rempli=oui", "?q=grandeur&colonnes=2026&colonnes=commentaire"],
        "compare": ["?de=2025&a=2026"],
        "dashboard": ["?annee=2026"],
        "action_list": ["?tri=-completude&niveau=fiches", "?etat=none&cible=none"],
        "plan_template": [f"?schema={world.scheme.slug}"],
        "direction_merge": [f"?into={world.directions['DEC'].pk}"],
        "direction": ["?annee=2026", "?annee=2025"],
        "search": ["?q=RECOLTE", "?q=repas", "?q=grandeur", "?q=direction"],
    }.get(key, [])


def everything():
    """{table: all its rows}, sessions aside."""
    models = [model for model in apps.get_models(include_auto_created=True) if model is not Session]
    return {model._meta.label: list(model._base_manager.order_by("pk").values_list()) for model in models}


@contextmanager
def undone():
    """What is done inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_every_address_is_in_the_tables(world):
    names = {name for name in named(get_resolver()) if not name.startswith(("admin:", "api:"))} | {
        "admin:index"
    }
    assert {key.partition("@")[0] for key in GET} == names
    assert set(GET) == set(POST) == set(world.addresses())


# What each role gets


@pytest.mark.parametrize("role", ROLES)
def test_what_each_address_answers_each_role(role, log_in, world, twin):
    """The status of the table, nothing of another organisation, and of the sheets what the role reads, all told."""
    client, answered, leaks, read = log_in(role), {}, {}, set()
    others = twin.words
    if role == "stranger":
        others = world.words
    elif role == "superuser":  # without a role, a plan is seen in the administration only
        others = others | world.words
    for key, url in world.urls().items():
        response = client.get(url)
        answered[key] = response.status_code
        texts = [text_of(response)]
        if response.status_code == 200:
            texts += [text_of(client.get(url + query)) for query in queries(key, world)]
        # its signed link names its reader, to whoever has it; who is of no organisation chooses among those that publish
        if key != "reminders_unsubscribe" and not (
            key == "legal_notice" and role not in [*MEMBERS, "stranger"]
        ):
            leaks[key] = set().union(*(found_in(text, others) for text in texts))
        read = read.union(*(world.read_in(text) for text in texts))
    assert answered == {key: GET[key][role] for key in answered}
    assert {key: found for key, found in leaks.items() if found} == {}
    assert read == readable(role)


def test_a_steering_team_finds_its_own_and_nothing_of_another(log_in, world, twin):
    client = log_in("stranger")
    for key, url in twin.urls().items():
        response = client.get(url)
        assert response.status_code == GET[key]["steering"], key
        assert found_in(text_of(response), world.words) == set(), key


@pytest.mark.parametrize("role", ROLES)
def test_each_form_answers_each_role_and_a_refusal_changes_nothing(role, log_in, world, tmp_path):
    client, answered, addresses = log_in(role), {}, world.urls()
    refused = {key: url for key, url in addresses.items() if POST[key][role] in REFUSED}
    before, files = everything(), sorted(tmp_path.rglob("*"))
    for key, url in refused.items():
        answered[key] = client.post(url).status_code
    assert answered == {key: POST[key][role] for key in refused}
    assert everything() == before
    assert sorted(tmp_path.rglob("*")) == files
    assert mail.outbox == []
    logged_in = client.cookies.copy()
    for key in addresses.keys() - refused.keys():  # each on its own, from the same state
        with undone():
            answered[key] = client.post(addresses[key]).status_code
        client.cookies = logged_in.copy()
    assert answered == {key: POST[key][role] for key in addresses}


# Addresses and forms that mix


def mixed(world, twin):
    """(key, address) of each address of `world` in which one thing is of another object than the rest."""
    others = twin.addresses()
    for key, kwargs in world.addresses().items():
        for name, value in others[key].items():
            mix = kwargs | {name: value}
            if mix not in (kwargs, others[key]):
                yield key, reverse(key.partition("@")[0], kwargs=mix)
    # of the same organisation, but of another sheet or measure
    of_sheet, of_measure = world.addresses()["evidence@draft"], world.addresses()["break_remove"]
    for status in ("submitted", "returned", "validated"):
        yield "evidence@draft", reverse("evidence", kwargs=of_sheet | {"pk": world.evidence[status].pk})
        measure = {"code": world.measures[status].code}
        yield "break_remove", reverse("break_remove", kwargs=of_measure | measure)


@pytest.mark.parametrize("of_both", [False, True])
def test_what_is_not_of_the_place_is_not_found_there(of_both, log_in, world, twin):
    client = log_in("steering")
    if of_both:  # even who steers both organisations
        MembershipFactory(user=world.people["steering"], organisation=twin.organisation, role=Role.STEERING)
    before, answered, expected = everything(), {}, {}
    for key, url in mixed(world, twin):
        answered[url] = client.get(url).status_code, client.post(url).status_code
        expected[url] = tuple(405 if table[key]["steering"] == 405 else 404 for table in (GET, POST))
    assert answered == expected
    assert everything() == before


def test_what_is_asked_for_of_another_organisation_is_not_found(log_in, world, twin):
    client, asked = log_in("steering"), {"direction": twin.directions["DMG"].code, "schema": twin.scheme.slug}
    for key in ("campaign_workbook", "campaign_workbook_download", "campaign_grid", "plan_template"):
        assert client.get(world.urls()[key], asked).status_code == 404, key


@pytest.mark.parametrize(
    ("key", "field", "row"),
    [
        ("members", "direction", lambda of: of.directions["DMG"].pk),
        ("direction_merge", "into", lambda of: of.directions["DMG"].pk),
        ("action_add", "objective", lambda of: of.objective.pk),
        ("indicator_edit", "breakdown", lambda of: of.breakdown.pk),
        ("measure_edit", "legal_category", lambda of: of.category.pk),
        ("measure_edit", "continues", lambda of: of.former_measure.pk),
        ("measure_computation", "source_0", lambda of: of.measures["validated"].pk),
        ("report_remark@draft", "measure", lambda of: of.measures["draft"].code),
    ],
)
def test_a_form_takes_nothing_of_another_organisation(key, field, row, log_in, world, twin):
    client, url = log_in("steering"), world.urls()[key]
    others = {"computation": "sum"} if field == "source_0" else {}
    with undone():
        own = client.post(url, {field: row(world), **others})
        assert own.status_code == 302 or field not in own.context["form"].errors
    before = everything()
    response = client.post(url, {field: row(twin), **others})
    assert field in response.context["form"].errors
    assert "zanzibar" not in text_of(response)
    assert everything() == before


@pytest.mark.parametrize(
    ("key", "data"),
    [
        (
            "campaign_review",
            lambda twin: {"what": "validate", "confirmed": "1", "report": twin.reports["submitted"].pk},
        ),
        ("report@draft", lambda twin: {"remove-evidence": twin.evidence["draft"].pk}),
        ("report@draft", lambda twin: {f"q-{twin.measures['draft'].code}": "Pourquoi ?"}),
        (
            "action_involvements",
            lambda twin: {
                "participations-TOTAL_FORMS": 1,
                "participations-INITIAL_FORMS": 0,
                "participations-0-direction": twin.directions["DEC"].pk,
                "participations-0-role": "pilot",
            },
        ),
    ],
)
def test_ids_of_another_organisation_are_passed_over(key, data, log_in, world, twin):
    client, before = log_in("steering"), everything()
    response = client.post(world.urls()[key], data(twin))
    assert response.status_code in (200, 302)
    assert "zanzibar" not in text_of(response)
    assert everything() == before


# Where a sheet is read


@pytest.mark.parametrize("role", MEMBERS)
def test_where_the_sheets_are_read(role, log_in, world):
    """Page by page, all that is read of any sheet; a page that is refused shows nothing."""
    client, addresses = log_in(role), world.urls()
    may, opened = readable(role), {("draft", "value"), ("returned", "value")}  # what is still to be filled in
    values = {what for what in may if what[1] == "value"}
    involved, steering = role in INVOLVED, role == "steering"
    download = addresses["campaign_workbook_download"]
    expected = {
        download: values - TOTAL if involved else set(),
        f"{download}?format=csv": values - TOTAL if involved else set(),
        addresses["campaign_grid"]: values & opened if involved else set(),
    }
    for status in FRUIT:
        value, narrative, question = ((status, kind) for kind in ("value", "narrative", "question"))
        total = TOTAL if status == "validated" and status in READS[role] else set()
        pages = {
            world.actions[status].get_absolute_url(): {value, narrative} | total,
            world.indicators[status].get_absolute_url(): {value} | total,
            addresses[f"report@{status}"]: {value, narrative, question} | total,
            addresses[f"report_review@{status}"]: {value, narrative, question} | total if steering else set(),
            addresses[f"report_remark@{status}"]: {question},
            addresses[f"report_history@{status}"]: {value, narrative, question} if involved else set(),
        }
        expected |= {page: shown & may for page, shown in pages.items()}
    assert {page: world.read_in(text_of(client.get(page))) for page in expected} == expected


@pytest.mark.parametrize("role", MEMBERS)
def test_the_board_lists_the_sheets_that_the_role_reads(role, log_in, world):
    client, addresses = log_in(role), world.urls()
    for query in ("", "?vue=direction"):
        board = text_of(client.get(addresses["campaign"] + query))
        listed = {status for status in FRUIT if addresses[f"report@{status}"].lower() in board}
        assert listed == READS[role], query


def test_what_somebody_has_typed_and_not_saved_is_for_that_person_alone(log_in, world):
    shown = {}
    for role in ("pilot", "contributor", "steering"):
        page = log_in(role).get(world.urls()["report@draft"])
        shown[role] = "questionpasencoreposéedearmorique" in text_of(page)
    assert shown == {"pilot": True, "contributor": False, "steering": False}
