"""Pages that everybody reads, with or without login, and the one on which a steering team writes its part of them."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from actions import site_pages
from actions.models import Organisation, OrganisationPage, Overtaken, PageName
from actions.views_members import steered_organisation
from actions.views_plan import typed
from spaser import markdown
from spaser.forms import TextAreaField

TO_FILL = "[à compléter"  # the blanks of the outlines


@login_not_required
@require_safe
def site_page(request, page):
    """The product's text on `page` and what the organisations add, `?collectivite=` choosing one."""
    try:
        parts = site_pages.parts_of(page, user=request.user, slug=request.GET.get("collectivite", ""))
    except Organisation.DoesNotExist as error:
        raise Http404 from error
    context = {"text": site_pages.site_text(page), "page": page, "parts": parts}
    return render(request, "pages/page.html", context)


@login_not_required
@require_safe
def guide(request):
    """The long form of the help."""
    return render(request, "pages/guide.html", {"text": site_pages.guide()})


@login_not_required
@require_safe
def api_guide(request):
    """What an integrator reads before anything else."""
    return render(request, "pages/guide.html", {"text": site_pages.api_guide()})


class SeenField(forms.IntegerField):
    """The version that the page showed; whatever is not one counts as none seen."""

    widget = forms.HiddenInput

    def clean(self, value):
        try:
            return super().clean(value) or 0
        except ValidationError:
            return 0


class PageForm(forms.Form):
    """The text of an organisation on a page, over the version that was `seen`."""

    text = TextAreaField(
        label="Texte",
        required=False,
        max_length=20_000,
        error_messages={"max_length": "Au plus 20 000 caractères."},
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true"}),
        help_text="Vide : rien ne s’affiche au nom de la collectivité.",
    )
    seen = SeenField(required=False, max_value=2**31 - 1)


@require_http_methods(["GET", "POST"])
def page_edit(request, slug, page):
    """Write the organisation's part of a page: see it first (`preview`), then save over the version that was seen."""
    organisation = steered_organisation(request, slug)
    if page not in PageName.values:
        raise Http404
    page = PageName(page)
    stored = organisation.pages.filter(page=page).first()
    initial = {"text": stored.text if stored else "", "seen": stored.version if stored else 0}
    form = PageForm(typed(request), initial={**initial, "text": initial["text"] or site_pages.outline(page)})
    preview, theirs = None, None
    if form.is_valid():
        text = form.cleaned_data["text"]
        if "preview" in request.POST:
            preview = markdown.render(text, top=3, prefix="apercu-").html
        else:
            try:
                _save(form, organisation=organisation, page=page, by=request.user)
            except Overtaken as overtaken:
                theirs = overtaken.theirs
                form.data = {**request.POST.dict(), "seen": theirs.version}  # the next save is over this one
            else:
                _say_saved(request, text)
                return redirect(page.address)
    context = {
        "organisation": organisation,
        "page": page,
        "form": form,
        "preview": preview,
        "theirs": theirs,
        "proposed": not initial["text"] and request.method == "GET" and site_pages.outline(page),
    }
    return render(request, "pages/edit.html", context)


def _save(form, *, organisation, page, by):
    OrganisationPage.objects.write(
        organisation=organisation, page=page, by=by, at=timezone.now(), **form.cleaned_data
    )


def _say_saved(request, text):
    messages.success(
        request, "Votre texte est publié." if text else "Le texte de la collectivité est retiré."
    )
    if TO_FILL in text:
        messages.warning(request, "Il y reste des passages « à compléter » : tout le monde les voit.")
