"""The site on which a steering team maintains its plan, and the answers to what is typed in its choice lists."""

from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from actions.admin_scope import choice_label, id_in, may_enter, steered, within
from actions.models import Scheme


class PlanAutocomplete(AutocompleteJsonView):
    """The rows that the user may choose, of one scheme when the form is that of one (`?scheme=`)."""

    def get_queryset(self):
        queryset = super().get_queryset()
        self.scheme = self._scheme()
        return within(queryset, self.scheme, self.source_field.name) if self.scheme else queryset

    def serialize_result(self, obj, to_field_name):
        return {
            "id": str(getattr(obj, to_field_name)),
            "text": choice_label(obj, with_scheme=self.scheme is None),
        }

    def _scheme(self):
        pk = id_in(self.request, "scheme")
        return steered(Scheme, self.request.user).filter(pk=pk).first() if pk is not None else None


@admin.action(permissions=["delete"], description="Supprimer les lignes choisies")
def delete_chosen(model_admin, request, queryset):
    return delete_selected(model_admin, request, queryset)


class PlanAdminSite(admin.AdminSite):
    """Open to steering teams and superusers; anyone else who is logged in is refused (403)."""

    site_header = "SPASER, gestion du plan"
    site_title = "SPASER, gestion du plan"
    index_title = "Le plan, ses indicateurs et ses campagnes"
    empty_value_display = "–"

    def __init__(self, name="admin"):
        super().__init__(name)
        self.add_action(delete_chosen, "delete_selected")  # in the place of Django's

    def has_permission(self, request):
        return may_enter(request)

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def refuse_strangers(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return refuse_strangers

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request, extra_context=None):
        """The whole site has one login page; this address only leads to it."""
        return redirect_to_login(request.GET.get("next") or reverse("admin:index", current_app=self.name))

    def get_urls(self):
        # Django's redirection by content type and id would tell the address of any organisation's rows.
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def autocomplete_view(self, request):
        return PlanAutocomplete.as_view(admin_site=self)(request)

    def get_app_list(self, request, app_label=None):
        """The apps and models in the order in which a plan is built, that of their registration."""
        apps = self._build_app_dict(request, app_label)
        order = ["actions", "indicators", "reporting"]
        return sorted(apps.values(), key=lambda app: order.index(app["app_label"]))
