"""The structure of a scheme copied into the one that follows it."""

import pytest
from django.urls import reverse

from actions.models import Origin, Scheme
from actions.rules import check
from indicators.models import Measure, MeasureSource, Reading, SeriesBreak, Target
from indicators.plan_copy import copy_structure
from tests.actions.test_pages import text_of
from tests.factories import (
    ActionFactory,
    BreakdownFactory,
    BreakdownItemFactory,
    CampaignFactory,
    CommitteeFactory,
    DirectionFactory,
    IndicatorFactory,
    InvolvementFactory,
    MeasureFactory,
    MeasureSourceFactory,
    MeetingFactory,
    PassageFactory,
    ReadingFactory,
    ReportFactory,
    StepFactory,
    TargetFactory,
)
from tests.plans import load_plan

pytestmark = pytest.mark.django_db


def copy(scheme, by, slug="suivant"):
    return copy_structure(
        by=by, scheme=scheme, slug=slug, title="SPASER suivant", starts_year=2030, ends_year=2033
    )


RELATIONS = (
    "pillars",
    "objectives",
    "actions",
    "steps",
    "committees",
    "breakdowns",
    "indicators",
    "measures",
    "targets",
    "passages",
    "campaigns",
)


def counts(scheme):
    found = {name: getattr(scheme, name).count() for name in RELATIONS}
    found["items"] = sum(breakdown.items.count() for breakdown in scheme.breakdowns.all())
    found["involvements"] = sum(action.involvements.count() for action in scheme.actions.all())
    found["sources"] = MeasureSource.objects.filter(measure__scheme=scheme).count()
    return found


def test_a_whole_plan_is_copied(django_user_model):
    former = load_plan("pas-de-calais-2017")
    readings = Reading.objects.count()
    new = copy(former, django_user_model.objects.create_user("x@example.org"))
    assert counts(new) == counts(former) | {"targets": 0, "passages": 0, "campaigns": 0}
    assert counts(new)["measures"] == 52
    assert counts(new)["sources"] == 7
    assert (new.predecessor, new.organisation, new.pillar_label) == (former, former.organisation, "Axe")
    assert Reading.objects.count() == readings
    for name in ("pillars", "objectives", "actions", "steps", "committees", "indicators", "measures"):
        rows = getattr(new, name)
        assert set(rows.values_list("origin", flat=True)) <= {Origin.SITE}, name
        assert not rows.exclude(source_note="").exists(), name
        assert set(rows.values_list("code", flat=True)) == set(
            getattr(former, name).values_list("code", flat=True)
        ), name
    for measure in new.measures.select_related("continues", "indicator__action", "item__breakdown"):
        assert measure.continues.scheme_id == former.pk
        assert measure.continues.code == measure.code
        assert measure.indicator.scheme_id == measure.indicator.action.scheme_id == new.pk
        assert measure.item is None or measure.item.breakdown.scheme_id == new.pk
    links = MeasureSource.objects.filter(measure__scheme=new)
    assert set(links.values_list("source__scheme", flat=True)) == {new.pk}
    rows = [*new.objectives.all(), *new.actions.all(), *new.steps.all(), *new.indicators.all()]
    assert check([*rows, *new.measures.all(), *links]) == []


def test_the_year_before_the_first_is_found_in_the_former_scheme(client, steering, scheme):
    action = ActionFactory(objective__pillar__scheme=scheme)
    measure = MeasureFactory(indicator__action=action, unit="lot")
    ReadingFactory(
        report=ReportFactory(action=action, campaign__scheme=scheme, campaign__year=2029),
        measure=measure,
        number=41,
    )
    new = copy(scheme, steering)
    CampaignFactory(scheme=new, year=2030)
    CampaignFactory(scheme=new, year=2029)
    client.force_login(steering)
    assert "41 lots" in text_of(client.get(new.indicators.get().get_absolute_url()))


def test_references_of_a_model_to_itself_point_into_the_copy(steering, scheme):
    action = ActionFactory(objective__pillar__scheme=scheme, code="A")
    part = ActionFactory(parent=action, code="A.1")
    other = ActionFactory(objective=action.objective, code="B")
    step = StepFactory(action=part, code="E")
    StepFactory(parent=step, code="E.1")
    indicator = IndicatorFactory(action=part, code="I")
    IndicatorFactory(action=other, code="D", duplicate_of=indicator)
    IndicatorFactory(action=other, code="R", refers_to=part)
    first = MeasureFactory(indicator=indicator, code="M1")
    MeasureFactory(indicator=indicator, code="M2", alternative_to=first)
    new = copy(scheme, steering)
    assert new.actions.get(code="A.1").parent == new.actions.get(code="A")
    assert new.steps.get(code="E.1").parent == new.steps.get(code="E")
    assert new.indicators.get(code="D").duplicate_of == new.indicators.get(code="I")
    assert new.indicators.get(code="R").refers_to == new.actions.get(code="A.1")
    assert new.measures.get(code="M2").alternative_to == new.measures.get(code="M1")


def test_what_has_ended_stays_behind_with_all_that_hangs_on_it(steering, scheme):
    kept = ActionFactory(objective__pillar__scheme=scheme, code="A", due_from=2027, valid_from=2027)
    ended = ActionFactory(objective=kept.objective, code="FINIE", valid_until=2028)
    ActionFactory(parent=ended, code="FINIE.A")
    old = IndicatorFactory(action=ended, code="VIEUX")
    IndicatorFactory(action=kept, code="REPETE", duplicate_of=old)
    IndicatorFactory(action=kept, code="RENVOI", refers_to=ended)
    breakdown = BreakdownFactory(scheme=scheme)
    gone = BreakdownItemFactory(breakdown=breakdown, valid_until=2029)
    stays = BreakdownItemFactory(breakdown=breakdown, valid_until=2030)
    indicator = IndicatorFactory(action=kept, code="I", breakdown=breakdown)
    lost, found = (MeasureFactory(indicator=indicator, item=item) for item in (gone, stays))
    total = MeasureFactory(indicator=indicator, code="SOMME", computation="sum")
    rate = MeasureFactory(indicator=indicator, code="TAUX", type="ratio", computation="ratio")
    for position, source in enumerate((lost, found)):
        MeasureSourceFactory(measure=total, source=source, position=position)
        MeasureSourceFactory(measure=rate, source=source, position=position)
    TargetFactory(measure=found)
    SeriesBreak.objects.create(measure=found, year=2027, note="Autre logiciel.")
    PassageFactory(scheme=scheme)
    MeetingFactory(committee=CommitteeFactory(scheme=scheme))
    new = copy(scheme, steering)
    action = new.actions.get()
    assert (action.code, action.due_from, action.valid_from) == ("A", None, None)
    assert new.indicators.get().code == "I"
    assert set(new.measures.values_list("code", "computation")) == {
        (found.code, ""),
        ("SOMME", "sum"),
        ("TAUX", ""),  # it has lost a source: it is entered until it is given another
    }
    assert [link.source.code for link in new.measures.get(code="SOMME").source_links.all()] == [found.code]
    assert [item.code for item in new.breakdowns.get().items.all()] == [stays.code]
    assert new.breakdowns.get().items.get().valid_until is None
    assert not Target.objects.filter(scheme=new).exists()
    assert not SeriesBreak.objects.filter(measure__scheme=new).exists()
    assert not new.committees.get().meetings.exists()


def test_a_direction_stands_under_the_name_that_it_has_today(steering, scheme, organisation):
    today = DirectionFactory(organisation=organisation)
    between = DirectionFactory(organisation=organisation, active=False, succeeded_by=today)
    merged = DirectionFactory(organisation=organisation, active=False, succeeded_by=between)
    closed = DirectionFactory(organisation=organisation, active=False)
    action = ActionFactory(objective__pillar__scheme=scheme)
    for direction in (merged, today, closed):
        InvolvementFactory(action=action, direction=direction)
    assert [row.direction for row in copy(scheme, steering).actions.get().involvements.all()] == [today]


def test_queries_do_not_grow_with_the_plan(steering, scheme, django_assert_max_num_queries):
    def add(count):
        for _ in range(count):
            measure = MeasureFactory(indicator__action__objective__pillar__scheme=scheme)
            StepFactory(action=measure.indicator.action)
            InvolvementFactory(action=measure.indicator.action)
            MeasureSourceFactory(measure__indicator=measure.indicator, source=measure)

    add(2)
    with django_assert_max_num_queries(60) as few:
        copy(scheme, steering, slug="deux")
    add(12)  # of the most rows that SQLite takes in one INSERT, the number of columns decides
    with django_assert_max_num_queries(len(few)):
        copy(scheme, steering, slug="quatorze")


# The page


def test_the_page_makes_the_scheme_and_says_what_it_leaves_out(client, steering, scheme):
    MeasureFactory(indicator__action__objective__pillar__scheme=scheme)
    client.force_login(steering)
    address = reverse("scheme_successor", args=[scheme.slug])
    page = client.get(address)
    assert page.context["form"]["starts_year"].value() == 2030  # the year after the last one
    assert "Les valeurs saisies" in text_of(page)
    data = {"title": "SPASER 2030", "slug": "spaser-2030", "starts_year": "2030", "ends_year": "2033"}
    assert client.post(address, data).url == reverse("plan_upkeep", args=["spaser-2030"])
    new = Scheme.objects.get(slug="spaser-2030")
    assert (new.predecessor, new.starts_year, new.ends_year) == (scheme, 2030, 2033)
    assert Measure.objects.get(scheme=new).continues.scheme == scheme
    assert "SPASER 2030" in text_of(client.get(address))  # said before one makes a second one


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug": "spaser-2026"}, "Un objet Schéma avec ce champ Identifiant existe déjà."),
        ({"starts_year": "2026"}, "Le schéma qu’il suit commence en 2026."),
        ({"ends_year": "2029"}, "La dernière année précède la première."),
        ({"title": ""}, "Ce champ est obligatoire."),
    ],
)
def test_a_successor_that_does_not_follow_is_refused(changes, said, client, steering, scheme):
    client.force_login(steering)
    data = {"title": "SPASER 2030", "slug": "spaser-2030", "starts_year": "2030", "ends_year": "2033"}
    response = client.post(reverse("scheme_successor", args=[scheme.slug]), data | changes)
    assert said in text_of(response)
    assert Scheme.objects.count() == 1
