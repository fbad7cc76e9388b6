"""The administration of the plan: who enters, what each sees and chooses, what a form refuses."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import NoReverseMatch, reverse

from actions.admin_scope import choice_label
from actions.models import (
    Action,
    Direction,
    InvolvementRole,
    Objective,
    Origin,
    Passage,
    Pillar,
    Scheme,
)
from indicators.models import Report
from tests.administration import (
    READ_ONLY,
    address,
    all_errors,
    form_data,
    list_queries,
    new_row,
    page_queries,
    registered,
    row_of_each_model,
    superuser,
)
from tests.factories import (
    ActionFactory,
    BreakdownItemFactory,
    DirectionFactory,
    InvolvementFactory,
    ObjectiveFactory,
    OrganisationFactory,
    PassageFactory,
    PillarFactory,
    ReportFactory,
    SchemeFactory,
    StepFactory,
)

pytestmark = pytest.mark.django_db

PAGES = ("change", "history", "delete")
NO_ADDING = {*READ_ONLY, "actions.organisation"}  # an organisation is a superuser's business
NOT_DELETED = {*READ_ONLY, "actions.organisation"}


@pytest.fixture
def rows(organisation):
    return row_of_each_model(organisation)


@pytest.fixture
def steering_client(client, steering):
    client.force_login(steering)
    return client


def statuses(client, rows):
    """{(label, page): status} of every registered page."""
    found = {}
    for label, model in registered().items():
        for page in ("changelist", "add"):
            found[label, page] = client.get(address(model, page)).status_code
        for page in PAGES:
            found[label, page] = client.get(address(rows[label], page)).status_code
    return found


# Who enters


def test_every_registered_model_has_a_row_to_test_with(rows):
    assert set(rows) == set(registered())


def test_nobody_enters_without_login(client, rows):
    assert set(statuses(client, rows).values()) == {302}
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("login"))


@pytest.mark.parametrize("role", ["pilot", "contributor", "copil_member"])
def test_other_members_are_refused(client, rows, role, request):
    client.force_login(request.getfixturevalue(role))
    assert set(statuses(client, rows).values()) == {403}
    assert client.get(reverse("admin:index")).status_code == 403
    assert client.get(reverse("admin:autocomplete")).status_code == 403


def test_staff_without_a_steering_role_are_refused(client, pilot):
    pilot.is_staff = True
    pilot.save()
    client.force_login(pilot)
    assert client.get(reverse("admin:index")).status_code == 403


def test_an_inactive_steering_member_is_out(client, steering):
    client.force_login(steering)
    steering.is_active = False
    steering.save()
    assert client.get(reverse("admin:index")).status_code == 302


def test_steering_team_sees_and_maintains_its_own(steering_client, rows):
    expected = {
        (label, page): 403
        if (page == "add" and label in NO_ADDING) or (page == "delete" and label in NOT_DELETED)
        else 200
        for label in registered()
        for page in ("changelist", "add", *PAGES)
    }
    assert statuses(steering_client, rows) == expected


def test_stranger_sees_nothing_of_another_organisation(client, rows, stranger):
    client.force_login(stranger)
    found = statuses(client, rows)
    for label, model in registered().items():
        assert [found[label, page] for page in PAGES] == [404, 404, 404], label
        response = client.get(address(model, "changelist"))
        assert rows[label] not in response.context["cl"].result_list, label


def test_superuser_maintains_everything(client, rows):
    client.force_login(superuser())
    found = statuses(client, rows)
    assert {found[label, page] for label in registered() for page in ("changelist", "change")} == {200}
    assert {label for label in registered() if found[label, "add"] != 200} == READ_ONLY


def test_stranger_changes_and_deletes_nothing_of_another_organisation(client, rows, stranger):
    client.force_login(stranger)
    for label, row in rows.items():
        assert client.post(address(row, "change"), {"title": "À moi"}).status_code == 404, label
        assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 404, label
        client.post(
            address(row, "changelist"),
            {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"},
        )
        assert type(row)._base_manager.filter(pk=row.pk).exists(), label


def test_login_comes_back_to_the_administration(client, steering):
    response = client.get(reverse("admin:login"))
    assert response.url == f"{reverse('login')}?next={reverse('admin:index')}"


def test_no_redirection_by_content_type_and_id():
    with pytest.raises(NoReverseMatch):
        reverse("admin:view_on_site", args=[1, 1])


def test_pages_obey_the_content_security_policy(steering_client, rows):
    pages = [reverse("admin:index"), address(Action, "changelist"), address(Action, "add")]
    pages += [address(rows["actions.action"], page) for page in PAGES]
    pages += [address(rows["indicators.indicator"], "change"), address(rows["indicators.measure"], "change")]
    for page in pages:
        html = steering_client.get(page).content.decode()
        scripts = [tag for tag in re.findall(r"<script[^>]*>", html) if "src=" not in tag]
        assert all('type="application/json"' in tag for tag in scripts), page
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", html), page
        assert "<style" not in html, page


def test_menu_follows_the_plan(steering_client):
    apps = steering_client.get(reverse("admin:index")).context["app_list"]
    assert [app["app_label"] for app in apps] == ["actions", "indicators", "reporting"]
    assert [model["name"] for model in apps[0]["models"]][:4] == [
        "Schémas",
        "Piliers",
        "Objectifs",
        "Actions",
    ]
    assert "auth" not in {app["app_label"] for app in apps}


def test_what_one_does_is_not_called_an_action(steering_client, action):
    Action.objects.filter(pk=action.pk).update(origin=Origin.DOCUMENT)
    html = steering_client.get(reverse("admin:index")).content.decode()
    assert "Dernières modifications" in html and "Actions récentes" not in html and "Mes actions" not in html
    html = steering_client.get(address(Action, "changelist")).content.decode()
    assert "Opération :" in html and "Supprimer les lignes choisies" in html and "opération choisie" in html
    assert "sélectionnés" not in html and "Action :" not in html and "action sélectionnée" not in html
    html = steering_client.get(address(action, "change")).content.decode()
    assert "Identifiant repris du document ; il sert à le recharger." in html
    for page in (address(action, "change"), address(Action, "add")):
        assert "on le cite" not in steering_client.get(page).content.decode()


def test_nothing_is_counted_in_the_singular(steering_client, action):
    html = steering_client.get(address(Action, "changelist"), {"q": "introuvable"}).content.decode()
    assert "0 action\n" in html


def test_the_lines_chosen_are_deleted(steering_client, action):
    data = {"action": "delete_selected", "_selected_action": action.pk}
    page = address(Action, "changelist")
    assert "Supprimer" in steering_client.post(page, data | {"index": "0"}).content.decode()
    assert steering_client.post(page, data | {"post": "yes"}).status_code == 302
    assert not Action.objects.exists()


# What one chooses


def test_choice_lists_and_filters_hold_only_what_is_steered(steering_client, scheme):
    own, foreign = PillarFactory(scheme=scheme), PillarFactory()
    response = steering_client.get(address(Objective, "add"))
    assert set(response.context["adminform"].form.fields["pillar"].queryset) == {own}
    response = steering_client.get(address(Pillar, "changelist"))
    assert response.context["cl"].get_filters(response.wsgi_request)[0] is not None
    assert foreign.scheme.title not in response.content.decode()


def test_a_foreign_choice_is_refused(steering_client, scheme):
    foreign = PillarFactory()
    response = steering_client.post(
        address(Objective, "add"),
        {**form_data(steering_client.get(address(Objective, "add"))), "pillar": foreign.pk, "code": "O-9"},
    )
    assert "pillar" in response.context["adminform"].form.errors
    assert not Objective.objects.filter(code="O-9").exists()


def test_a_foreign_choice_in_a_row_is_refused(steering_client, action):
    foreign = DirectionFactory()
    page = address(action, "change")
    row = new_row("involvements", 2, direction=foreign.pk, role=InvolvementRole.PARTNER)
    response = steering_client.post(page, form_data(steering_client.get(page)) | row)
    assert response.status_code == 200
    assert not action.involvements.filter(direction=foreign).exists()


def autocomplete(client, field, **parameters):
    source = {"app_label": "actions", "model_name": "action", "field_name": field, "term": "", **parameters}
    results = client.get(reverse("admin:autocomplete"), source).json()["results"]
    return {int(result["id"]) for result in results}


def test_searched_choices_hold_only_what_is_steered(steering_client, scheme):
    own, foreign = ObjectiveFactory(pillar__scheme=scheme), ObjectiveFactory()
    assert autocomplete(steering_client, "objective") == {own.pk}
    assert autocomplete(steering_client, "objective", scheme=foreign.scheme_id) == {own.pk}


def test_searched_choices_stay_within_the_scheme_of_the_form(steering_client, action):
    other_scheme = SchemeFactory(organisation=action.scheme.organisation)
    elsewhere = ObjectiveFactory(pillar__scheme=other_scheme)
    assert autocomplete(steering_client, "objective") == {action.objective_id, elsewhere.pk}
    assert autocomplete(steering_client, "objective", scheme=action.scheme_id) == {action.objective_id}
    form = steering_client.get(address(action, "change")).context["adminform"].form
    assert set(form.fields["objective"].queryset) == {action.objective}
    assert f"?scheme={action.scheme_id}" in str(form["objective"])


@pytest.mark.parametrize("text", ["²", "9" * 19], ids=["a digit, and no number", "beyond the database"])
def test_a_parameter_that_is_no_id_is_ignored(steering_client, action, text):
    assert steering_client.get(f"{address(Objective, 'add')}?pillar={text}").status_code == 200
    assert autocomplete(steering_client, "objective", scheme=text) == {action.objective_id}
    response = steering_client.get(address(Action, "changelist"), {"scheme__id__exact": text}, follow=True)
    assert response.status_code == 200


def test_a_choice_is_told_by_its_code_once():
    organisation = OrganisationFactory.build()
    hidden = DirectionFactory.build(code="A", name="Achats", organisation=organisation)
    assert choice_label(hidden) == "Achats (A)"
    assert choice_label(BreakdownItemFactory.build(code="A", name="Achats")) == "A · Achats"
    assert choice_label(BreakdownItemFactory.build(code="A", name="A Achats")) == "A Achats"


def test_a_new_row_opened_from_its_owner_is_limited_to_its_scheme(steering_client, action):
    ObjectiveFactory(pillar__scheme__organisation=action.scheme.organisation)
    response = steering_client.get(f"{address(Action, 'add')}?objective={action.objective_id}")
    assert set(response.context["adminform"].form.fields["objective"].queryset) == {action.objective}


def test_a_successor_is_a_direction_of_the_same_organisation(client, organisation):
    own = DirectionFactory(organisation=organisation)
    DirectionFactory()
    client.force_login(superuser())
    response = client.get(address(own, "change"))
    assert not response.context["adminform"].form.fields["succeeded_by"].queryset.exists()


# What saving does


def test_editing_a_document_row_keeps_its_origin_and_code(steering_client, action):
    Action.objects.filter(pk=action.pk).update(origin=Origin.DOCUMENT)
    page = address(action, "change")
    data = form_data(steering_client.get(page)) | {"title": "Réemployer le mobilier", "code": "AUTRE"}
    assert steering_client.post(page, data).status_code == 302
    stored = Action.objects.get(pk=action.pk)
    assert (stored.title, stored.origin, stored.code) == ("Réemployer le mobilier", "document", action.code)
    assert LogEntry.objects.get().user == steering_client.get(page).wsgi_request.user


def test_a_plain_save_keeps_the_lines_of_the_document(steering_client, action):
    """Browsers send the lines of a text area with CR LF."""
    action.purpose = "Acheter moins.\n\nRéemployer."
    action.save()
    PassageFactory(scheme=action.scheme, action=action, text="Un.\nDeux.")
    page = address(action, "change")
    data = form_data(steering_client.get(page))
    assert "\r\n" in data["purpose"] and "\r\n" in data["passages-0-text"]
    assert steering_client.post(page, data).status_code == 302
    assert Action.objects.get(pk=action.pk).purpose == "Acheter moins.\n\nRéemployer."
    assert action.passages.get().text == "Un.\nDeux."
    assert LogEntry.objects.get().change_message == "[]"


def test_rows_added_without_a_rank_come_last_in_the_order_of_the_page(steering_client, action):
    StepFactory(action=action, position=4)
    page = address(action, "change")
    data = form_data(steering_client.get(page)) | {"steps-0-position": "7"}
    for index, (code, rank) in enumerate([("E-1", ""), ("E-2", "9"), ("E-3", "")], start=1):
        data |= new_row("steps", index, code=code, title="Recenser", parent="", position=rank)
    response = steering_client.post(page, data)
    assert response.status_code == 302, all_errors(response)
    ranks = dict(action.steps.filter(code__startswith="E-").values_list("code", "position"))
    assert ranks == {"E-1": 10, "E-2": 9, "E-3": 11}


def test_a_rank_left_blank_comes_after_rows_that_the_page_does_not_show(steering_client, action):
    ActionFactory(parent=action, position=6)
    page = address(action.objective, "change")
    data = form_data(steering_client.get(page))
    data |= new_row("actions", 1, code="A-8", title="Réparer", position="")
    data |= new_row("actions", 2, code="A-9", title="Réemployer", position="")
    assert steering_client.post(page, data).status_code == 302
    added = Action.objects.filter(code__in=["A-8", "A-9"]).order_by("code")
    assert [row.position for row in added] == [7, 8]


def test_rows_added_with_the_row_above_are_ranked_from_0(steering_client, scheme):
    page = address(Pillar, "add")
    data = form_data(steering_client.get(page)) | {"scheme": scheme.pk, "code": "P-1", "title": "Social"}
    for index, code in enumerate(["O-1", "O-2"]):
        data |= new_row("objectives", index, code=code, title="Insérer", position="")
    response = steering_client.post(page, data)
    assert response.status_code == 302, all_errors(response)
    assert [row.position for row in Objective.objects.order_by("code")] == [0, 1]


def test_a_new_row_is_the_site_s_takes_its_owner_s_scheme_and_comes_last(steering_client, scheme):
    first = ObjectiveFactory(pillar__scheme=scheme, position=4)
    data = form_data(steering_client.get(address(Objective, "add")))
    assert "scheme" not in data
    data |= {"pillar": first.pillar_id, "code": "O-2", "title": "Réemployer"}
    assert steering_client.post(address(Objective, "add"), data).status_code == 302
    added = Objective.objects.get(code="O-2")
    assert (added.scheme, added.origin, added.position) == (scheme, Origin.SITE, 5)


def add_action(client, **values):
    data = form_data(client.get(address(Action, "add"))) | {"code": "A-9", "title": "Réemployer", **values}
    return client.post(address(Action, "add"), data)


def test_a_part_takes_scheme_and_objective_from_its_action(steering_client, action):
    assert add_action(steering_client, scheme="", parent=action.pk).status_code == 302
    part = Action.objects.get(code="A-9")
    assert (part.scheme, part.objective, part.parent) == (action.scheme, action.objective, action)


def test_a_sheet_without_objective_has_to_be_told_its_scheme(steering_client, scheme):
    other = SchemeFactory(organisation=scheme.organisation)
    response = add_action(steering_client, nature="shared")
    assert "scheme" in response.context["adminform"].form.errors
    assert add_action(steering_client, nature="shared", scheme=other.pk).status_code == 302
    assert Action.objects.get(code="A-9").scheme == other


def test_an_action_without_objective_is_refused(steering_client, scheme):
    response = add_action(steering_client, scheme=scheme.pk)
    assert "Une action relève d’un objectif ; seule une fiche de données s’en passe." in all_errors(response)


def test_a_code_is_used_once_in_a_scheme(steering_client, action):
    response = add_action(steering_client, objective=action.objective_id, code=action.code)
    assert all_errors(response) == ["Ce code est déjà utilisé dans le schéma."]


def test_steps_and_passages_are_added_on_the_sheet(steering_client, action):
    page = address(action, "change")
    data = form_data(steering_client.get(page))
    data |= new_row("steps", 0, code="E-1", title="Recenser", parent="", position="")
    data |= new_row("passages", 0, heading="Contexte", text="Le mobilier dort.", position="")
    assert steering_client.post(page, data).status_code == 302
    assert action.steps.get().scheme == action.scheme
    assert action.passages.get().scheme == action.scheme


def test_each_level_is_added_from_the_one_above(steering_client, scheme):
    above = PillarFactory(scheme=scheme)
    for prefix, model in (("objectives", Objective), ("actions", Action), ("parts", Action)):
        page = address(above, "change")
        row = new_row(prefix, 0, code=f"{above.code}.1", title="Réemployer", position="")
        response = steering_client.post(page, form_data(steering_client.get(page)) | row)
        assert response.status_code == 302, all_errors(response)
        above = model.objects.get(code=f"{above.code}.1")
    assert (above.scheme, above.objective, above.parent.objective) == (scheme, *[Objective.objects.get()] * 2)


def test_a_passage_of_the_scheme_or_of_one_of_its_levels(steering_client, action):
    data = form_data(steering_client.get(address(Passage, "add"))) | {"heading": "Contexte"}
    response = steering_client.post(address(Passage, "add"), data | {"scheme": "", "action": action.pk})
    assert response.status_code == 302
    assert Passage.objects.get().scheme == action.scheme
    shown = steering_client.get(address(action.scheme, "change")).context["inline_admin_formsets"][0]
    assert shown.formset.get_queryset().count() == 0


def test_moving_an_action_moves_its_parts(steering_client, action):
    part = ActionFactory(parent=action)
    elsewhere = ObjectiveFactory(pillar=action.objective.pillar)
    page = address(action, "change")
    data = form_data(steering_client.get(page)) | {"objective": elsewhere.pk}
    response = steering_client.post(page, data)
    assert response.status_code == 302, all_errors(response)
    part.refresh_from_db()
    assert part.objective == elsewhere


# Rules across rows


def test_a_rule_across_rows_is_told_beside_the_field(steering_client, action):
    part = ActionFactory(parent=action)
    response = add_action(steering_client, parent=part.pk)
    errors = response.context["adminform"].form.errors
    assert errors == {"parent": ["Un volet n’a pas lui-même de volets."]}


def test_a_rule_is_told_in_a_row_under_another(steering_client, action):
    step = StepFactory(action=action)
    bullet = StepFactory(parent=step)
    page = address(step, "change")
    data = form_data(steering_client.get(page)) | {"parent": bullet.pk}
    response = steering_client.post(page, data)
    assert "parent" in response.context["adminform"].form.errors


def test_a_change_that_breaks_a_rule_of_another_row_is_refused(steering_client, action):
    ReportFactory(campaign__scheme=action.scheme, campaign__year=2028, action=action)
    page = address(action, "change")
    data = form_data(steering_client.get(page)) | {"valid_until": 2027}
    response = steering_client.post(page, data)
    (error,) = all_errors(response)
    assert error.endswith("Cette action n’est pas en vigueur cette année-là.")


def test_an_action_with_reports_is_not_divided(steering_client, action):
    ReportFactory(campaign__scheme=action.scheme, action=action)
    response = add_action(steering_client, parent=action.pk)
    assert all_errors(response) == [
        "Cette action a déjà des fiches annuelles : elle ne se divise plus en volets."
    ]


def test_deleting_what_reports_hang_on_is_refused(steering_client, action):
    ReportFactory(campaign__scheme=action.scheme, action=action)
    for row in (action, action.objective, action.objective.pillar, action.scheme):
        response = steering_client.get(address(row, "delete"))
        assert response.context["protected"] or response.context["perms_lacking"]
        steering_client.post(address(row, "delete"), {"post": "yes"})
    assert Report.objects.count() == 1


def test_deleting_a_plain_action(steering_client, action):
    assert steering_client.post(address(action, "delete"), {"post": "yes"}).status_code == 302
    assert not Action.objects.exists()


# Lists


def test_what_is_unclear_is_filtered_and_badged(steering_client, action):
    Action.objects.filter(pk=action.pk).update(source_note="Le pilote n’est pas imprimé.", origin="document")
    plain = ActionFactory(objective=action.objective)
    response = steering_client.get(address(Action, "changelist"), {"doubt": "1"})
    assert list(response.context["cl"].result_list) == [action]
    assert 'class="badge doubt"' in response.content.decode()
    assert 'class="badge document"' in response.content.decode()
    response = steering_client.get(address(Action, "changelist"), {"doubt": "0"})
    assert list(response.context["cl"].result_list) == [plain]


def test_filters_of_the_plan(steering_client, action):
    for filters in (
        {"scheme__id__exact": action.scheme_id},
        {"objective__pillar__id__exact": action.objective.pillar_id},
        {"objective__id__exact": action.objective_id},
        {"nature__exact": "action", "bonus__exact": 0, "origin__exact": "site"},
        {"q": action.title},
    ):
        response = steering_client.get(address(Action, "changelist"), filters)
        assert list(response.context["cl"].result_list) == [action], filters


MANY = {
    Scheme: lambda action: SchemeFactory(organisation=action.scheme.organisation),
    Pillar: lambda action: PillarFactory(scheme=action.scheme),
    Objective: lambda action: ObjectiveFactory(pillar=PillarFactory(scheme=action.scheme), title=""),
    Action: lambda action: InvolvementFactory(
        action=ActionFactory(parent=ActionFactory(objective__pillar__scheme=action.scheme))
    ),
    StepFactory._meta.model: lambda action: StepFactory(
        parent=StepFactory(action=ActionFactory(objective=action.objective))
    ),
    Passage: lambda action: PassageFactory(scheme=action.scheme, action=ActionFactory(parent=action)),
    Direction: lambda action: DirectionFactory(
        organisation=action.scheme.organisation,
        succeeded_by=DirectionFactory(organisation=action.scheme.organisation),
    ),
}


@pytest.mark.parametrize("model", MANY, ids=lambda model: model.__name__)
def test_a_list_takes_as_many_queries_for_20_rows_as_for_2(steering_client, action, model):
    for _ in range(2):
        MANY[model](action)
    few = list_queries(steering_client, model)
    for _ in range(18):
        MANY[model](action)
    assert list_queries(steering_client, model) == few


def test_rows_under_another_take_as_many_queries_for_many(steering_client, action):
    """The choices of each row are fetched once for all of them."""
    few = page_queries(steering_client, address(action, "change"))
    for _ in range(8):
        direction = DirectionFactory(organisation=action.scheme.organisation)
        InvolvementFactory(action=action, direction=direction)
        StepFactory(action=action)
    assert page_queries(steering_client, address(action, "change")) == few
