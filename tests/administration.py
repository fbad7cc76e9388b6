"""What the tests of the administration share: a row of each kind, a filled form, counted queries."""

from django.contrib import admin
from django.db import connection
from django.forms import CheckboxInput, Textarea
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import Membership, User
from indicators.models import ReadingChange, ReportChange
from tests import factories as make

READ_ONLY = {
    "indicators.report",
    "indicators.reading",
    "indicators.reportchange",
    "indicators.readingchange",
    "reporting.edition",
    "reporting.editiondraft",
    "reporting.editionfile",
    "reporting.legalfigure",
    "reporting.posting",
}


def registered():
    """The models of the administration, by their labels."""
    return {model._meta.label_lower: model for model in admin.site._registry}


def address(row_or_model, page, *args):
    """« changelist », « add », « change », « delete » or « history » of a model or of a row."""
    opts = row_or_model._meta
    if page not in ("changelist", "add"):
        args = (row_or_model.pk, *args)
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def row_of_each_model(organisation):
    """{label: row}: one row of each registered model, all of `organisation`."""
    scheme = make.SchemeFactory(organisation=organisation)
    action = make.ActionFactory(objective__pillar__scheme=scheme)
    measure = make.MeasureFactory(indicator__action=action)
    campaign = make.CampaignFactory(scheme=scheme)
    reading = make.ReadingFactory(report__campaign=campaign, report__action=action, measure=measure)
    edition = make.EditionFactory(organisation=organisation)
    membership = make.MembershipFactory(direction=make.DirectionFactory(organisation=organisation))
    rows = [
        organisation,
        scheme,
        action.objective.pillar,
        action.objective,
        action,
        make.StepFactory(action=action),
        make.PassageFactory(scheme=scheme, action=action),
        make.CommitteeFactory(scheme=scheme),
        membership,
        membership.direction,
        membership.user,
        measure.indicator,
        measure,
        make.TargetFactory(measure=measure),
        make.BreakdownFactory(scheme=scheme),
        make.LegalCategoryFactory(organisation=organisation),
        campaign,
        reading.report,
        reading,
        ReportChange.objects.filter(report=reading.report).last(),
        ReadingChange.objects.filter(reading=reading).last(),
        edition,
        make.EditionFileFactory(edition=edition),
        make.PostingFactory(edition=edition),
        make.EditionDraftFactory(scheme=scheme),
        make.LegalFigureFactory(
            buyer=make.BuyerFactory(organisation=organisation),
            category=make.LegalCategoryFactory(organisation=organisation),
        ),
    ]
    return {row._meta.label_lower: row for row in rows}


def form_data(response):
    """What a browser sends back of an admin page that nobody has touched."""
    forms = [response.context["adminform"].form]
    for rows in response.context["inline_admin_formsets"]:
        forms += [rows.formset.management_form, *rows.formset.forms]
    data = {}
    for field in (field for form in forms for field in form if not field.field.disabled):
        value = field.value()
        if isinstance(field.field.widget, CheckboxInput):
            if value:
                data[field.html_name] = "on"
        elif isinstance(field.field.widget, Textarea):
            data[field.html_name] = "\r\n".join((value or "").split("\n"))
        else:
            data[field.html_name] = "" if value is None else value
    return data


def new_row(prefix, index, **values):
    """The data of one more row under another, after `index` others."""
    return {
        f"{prefix}-TOTAL_FORMS": index + 1,
        **{f"{prefix}-{index}-{name}": value for name, value in values.items()},
    }


def all_errors(response):
    """Everything that the form and the rows under it find wrong."""
    found = response.context["errors"]  # lists of errors of fields, and bare errors of whole sets of rows
    return [str(error) for errors in found for error in ([errors] if isinstance(errors, str) else errors)]


def page_queries(client, page):
    """The number of queries of a page, once what is fetched only once has been."""
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(page)
    assert response.status_code == 200
    return len(queries)


def list_queries(client, model):
    return page_queries(client, address(model, "changelist"))


def superuser():
    return User.objects.create_superuser("root@example.org", "x")


def shared_member(organisation, other):
    """A member of two organisations."""
    membership = make.MembershipFactory(direction=make.DirectionFactory(organisation=organisation))
    Membership.objects.create(user=membership.user, organisation=other, role="steering")
    return membership.user
