"""The checklist of a bilan: each thing that is missing, not validated or inconsistent, counted in full, with where it is settled."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Action, Nature
from reporting.editions.checklist import SHOWN, Check, Gap, Kind, by_kind, checklist
from tests import factories as make

pytestmark = pytest.mark.django_db
SHEETS = "/schemas/spaser-2026/campagnes/2026/fiches"
LATER = datetime(2027, 4, 1, tzinfo=UTC)


@pytest.fixture
def campaign(scheme):
    """A campaign that is over, with its synthesis."""
    over = timezone.localdate() - timedelta(days=30)
    return make.CampaignFactory(
        scheme=scheme, year=2026, opens_on=over, closes_on=over, synthesis="Une bonne année."
    )


@pytest.fixture
def draft(scheme, campaign):
    return make.EditionDraftFactory(
        scheme=scheme, foreword="Chers collègues,", foreword_author="La présidente"
    )


@pytest.fixture
def action(scheme):
    return make.ActionFactory(
        objective__pillar__scheme=scheme, code="A-1", title="Acheter durable", number="1"
    )


@pytest.fixture
def complete(draft, campaign, action):
    """Nothing is to be said of this bilan: one action, validated, with its state, text, value and zoom."""
    report = make.ReportFactory(
        campaign=campaign, action=action, validated=True, state="engaged", realisation="C’est fait."
    )
    indicator = make.IndicatorFactory(action=action, code="I-1")
    measure = make.MeasureFactory(indicator=indicator, code="G-1", name="Marchés")
    make.ReadingFactory(report=report, measure=measure, number=12)
    make.HighlightFactory(campaign=campaign, action=action)
    return report


def change(row, **values):
    """Change a report or a reading as its history asks for."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.changed_at = row.version + 1, row.changed_at + timedelta(minutes=1)
    row.save()


def found(draft):
    """{key: [(« text : note », address, count)]} of what the checklist found."""
    return {
        check.key: [
            (f"{gap.text} : {gap.note}" if gap.note else gap.text, gap.address, gap.count)
            for gap in check.gaps
        ]
        for check in checklist(draft)
        if check.gaps
    }


def test_a_bilan_that_lacks_nothing_has_no_gap(draft, complete):
    assert found(draft) == {}
    assert len({check.key for check in checklist(draft)}) == len(checklist(draft)) == 15


# Missing


def test_values_missing_are_counted_by_sheet(draft, complete, action):
    indicator = make.IndicatorFactory(action=action)
    for _ in range(2):
        make.MeasureFactory(indicator=indicator)
    stated = make.MeasureFactory(indicator=indicator)
    make.ReadingFactory(
        report=complete, measure=stated, missing="not_available", missing_note="pas de logiciel"
    )
    [check] = [check for check in checklist(draft) if check.gaps]
    assert check.gaps == (
        Gap("A-1 Acheter durable", f"{SHEETS}/A-1/#indicateurs", 2, "2\N{NO-BREAK SPACE}valeurs sur 4"),
    )
    assert (check.key, check.count, check.kind) == ("values", 2, Kind.MISSING)


def test_a_comment_alone_is_no_value(draft, complete):
    change(complete.readings.get(), number=None, comment="à venir")
    assert list(found(draft)) == ["values"]


def test_a_sheet_that_is_not_in_the_campaign_is_to_be_added(draft, complete, action):
    make.ActionFactory(objective=action.objective, code="A-2", title="Former")
    make.ActionFactory(objective=action.objective, code="A-9", title="Plus tard", valid_from=2027)
    assert found(draft) == {
        "sheets": [("A-2 Former", "/schemas/spaser-2026/campagnes/2026/conduite/#completer", 1)]
    }


def test_a_state_or_a_text_that_is_not_given(draft, complete):
    change(complete, state="", realisation="")
    gap = [("A-1 Acheter durable", f"{SHEETS}/A-1/", 1)]
    assert found(draft) == {"states": gap, "narrative": gap}


def test_a_sheet_of_common_data_has_no_state(draft, complete, action):
    Action.objects.filter(pk=action.pk).update(nature=Nature.SHARED)
    change(complete, state="", realisation="")
    assert found(draft) == {}


def test_a_computed_value_says_which_source_it_lacks(draft, complete, action):
    indicator = complete.readings.get().measure.indicator
    known = complete.readings.get().measure
    missing = make.MeasureFactory(indicator=indicator, code="G-2", name="Marchés réservés")
    total = make.MeasureFactory(indicator=indicator, code="G-3", name="Total", computation="sum")
    for rank, source in enumerate((known, missing)):
        make.MeasureSourceFactory(measure=total, source=source, position=rank)
    gaps = found(draft)
    assert set(gaps) == {"values", "computed"}
    [(text, address, count)] = gaps["computed"]
    assert text.startswith("G-3 ")
    assert text.endswith(f": il manque {missing.label}")
    assert (address, count) == (f"{SHEETS}/A-1/#ligne-G-2", 1)
    make.ReadingFactory(report=complete, measure=missing, missing="not_applicable")
    assert found(draft) == {}  # the reason is stated: there is nothing to settle


def test_the_texts_that_are_not_written(draft, complete, campaign):
    draft.foreword, campaign.synthesis = " ", ""
    campaign.save()
    page = f"/editions/preparation/{draft.pk}/textes/"
    assert found(draft) == {
        "texts": [
            ("L’avant-propos n’est pas écrit.", f"{page}#id_foreword", 1),
            ("La synthèse générale n’est pas écrite.", f"{page}#id_campaign-synthesis", 1),
        ]
    }
    draft.foreword, draft.foreword_author = "Chers collègues,", ""
    assert found(draft)["texts"][0][0] == "L’avant-propos n’est pas signé."


def test_zooms(draft, complete, campaign):
    zoom = campaign.highlights.get()
    zoom.title, zoom.text = "Le réemploi", ""
    zoom.save()
    address = f"/editions/preparation/{draft.pk}/zooms"
    assert found(draft) == {"zooms": [("Le réemploi : pas de texte", f"{address}/{zoom.pk}/", 1)]}
    zoom.delete()
    assert found(draft) == {"zooms": [("Aucune action remarquable.", f"{address}/ajouter/", 1)]}


def test_without_its_campaign_there_is_nothing_else_to_say(scheme):
    draft = make.EditionDraftFactory(scheme=scheme)
    [check] = checklist(draft)
    assert check.gaps == (
        Gap(
            "Le schéma n’a pas de campagne 2026 : le bilan n’a pas de données.",
            "/schemas/spaser-2026/campagnes/",
        ),
    )


# Not validated


@pytest.mark.parametrize(
    ("status", "key", "page"),
    [("draft", "drafts", ""), ("returned", "returned", ""), ("submitted", "submitted", "relecture/")],
)
def test_sheets_that_are_not_validated(draft, complete, campaign, action, status, key, page):
    other = make.ActionFactory(objective=action.objective, code="A-2", title="Former")
    trait = {} if status == "draft" else {status: True}
    make.ReportFactory(campaign=campaign, action=other, state="engaged", realisation="Oui.", **trait)
    assert found(draft) == {key: [("A-2 Former", f"{SHEETS}/A-2/{page}", 1)]}


@pytest.mark.parametrize(
    ("opens", "closes", "corrections", "said"),
    [
        (-5, 5, None, "est ouverte jusqu’au"),
        (5, 9, None, "est à venir."),
        (-9, -5, 5, "est en correction jusqu’au"),
    ],
)
def test_a_campaign_that_is_not_over(draft, complete, campaign, opens, closes, corrections, said):
    today = timezone.localdate()
    campaign.opens_on, campaign.closes_on = today + timedelta(days=opens), today + timedelta(days=closes)
    campaign.corrections_until = today + timedelta(days=corrections) if corrections else None
    campaign.save()
    [(text, address, _)] = found(draft)["open"]
    assert text.startswith(f"La campagne 2026 {said}")
    assert address == "/schemas/spaser-2026/campagnes/2026/conduite/"


def test_a_correction_asked_for_and_not_answered(draft, complete, campaign, action):
    other = make.ActionFactory(objective=action.objective, code="A-2", title="Former")
    sheet = make.ReportFactory(
        campaign=campaign, action=other, returned=True, state="engaged", realisation="Oui."
    )
    make.RemarkFactory(report=sheet, asks_correction=True, text="Il manque le total.", written_at=LATER)
    make.RemarkFactory(report=sheet, asks_correction=True, text="Répondu depuis.")  # before the submission
    make.RemarkFactory(report=sheet, text="Une question.", written_at=LATER)
    make.RemarkFactory(report=complete, asks_correction=True, written_at=LATER)  # validated since
    assert found(draft)["remarks"] == [("A-2 Former : « Il manque le total. »", f"{SHEETS}/A-2/", 1)]


# Inconsistent


def test_an_action_validated_in_part(draft, complete, campaign, action):
    whole = make.ActionFactory(objective=action.objective, code="A-2", title="Former")
    said = {"state": "engaged", "realisation": "Oui."}
    for letter, status in (("A", "validated"), ("B", "validated"), ("C", "submitted")):
        part = make.ActionFactory(parent=whole, code=f"A-2.{letter}", title=letter)
        make.ReportFactory(campaign=campaign, action=part, **{status: True}, **said)
    assert found(draft)["parts"] == [("A-2 Former : 2 sur 3", f"{SHEETS}/A-2.C/", 1)]


def test_a_value_that_surprises_until_it_is_confirmed(draft, complete):
    reading = complete.readings.get()
    change(reading, number=-1)
    [(text, address, _)] = found(draft)["warnings"]
    assert text.endswith(": Un nombre ne descend pas sous zéro.")
    assert address == f"{SHEETS}/A-1/#ligne-G-1"
    change(reading, confirmed=True)
    assert "warnings" in found(draft)  # why is not said
    change(reading, comment="Une annulation.")
    assert found(draft) == {}


def test_a_state_that_its_targets_contradict(draft, complete):
    make.TargetFactory(measure=complete.readings.get().measure, value=50, year=2026)
    change(complete, state="done")
    assert found(draft) == {
        "disagreements": [
            (
                "A-1 Acheter durable : réalisée, 1\N{NO-BREAK SPACE}cible manquée",
                "/schemas/spaser-2026/actions/A-1/",
                1,
            )
        ]
    }


# On the page


def test_what_is_shown_first():
    check = Check("values", "Valeurs", tuple(Gap(str(rank), count=2) for rank in range(SHOWN + 2)))
    assert (check.count, len(check.first), len(check.others)) == (14, 5, 2)
    nothing = Check("texts", "Textes", ())
    late = Check("open", "Campagne", (Gap("ouverte"),), Kind.UNVALIDATED)
    assert by_kind([late, nothing, check]) == [(Kind.MISSING, [check]), (Kind.UNVALIDATED, [late])]


def test_the_page_shows_the_counts_and_the_rest_behind_a_summary(client, steering, draft, complete, action):
    for rank in range(2, 9):
        make.ActionFactory(objective=action.objective, code=f"A-{rank}", title=f"Mesure {rank}")
    client.force_login(steering)
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "7\N{NO-BREAK SPACE}points à regarder" in page
    assert '<span class="check-count">7</span> Actions sans fiche dans la campagne' in page
    assert "et 2\N{NO-BREAK SPACE}autres</summary>" in page
    assert "A-8 Mesure 8" in page
    assert "14\N{NO-BREAK SPACE}autres points vérifiés, sans rien à signaler" in page


def test_the_page_takes_as_many_queries_for_twenty_sheets_as_for_two(
    client, steering, draft, complete, campaign, action
):
    def fill(count):
        for rank in range(count):
            sheet = make.ActionFactory(objective=action.objective, code=f"B-{rank}-{count}")
            part = make.ActionFactory(parent=sheet, code=f"B-{rank}-{count}.A")
            report = make.ReportFactory(campaign=campaign, action=part, returned=True)
            indicator = make.IndicatorFactory(action=part)
            reading = make.ReadingFactory(report=report, measure__indicator=indicator, number=-1)
            lacking = make.MeasureFactory(indicator=indicator)
            total = make.MeasureFactory(indicator=indicator, computation="sum")
            make.MeasureSourceFactory(measure=total, source=reading.measure)
            make.MeasureSourceFactory(measure=total, source=lacking, position=1)
            make.RemarkFactory(report=report, asks_correction=True, written_at=LATER)
            make.HighlightFactory(campaign=campaign, action=part)

    client.force_login(steering)
    counts = []
    for count in (2, 18):
        fill(count)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(draft.get_absolute_url()).content.decode()
        assert f'<span class="check-count">{sum((2, 18)[: len(counts) + 1])}</span> Fiches renvoyées' in page
        counts.append(len(captured))
    assert counts[0] == counts[1]
