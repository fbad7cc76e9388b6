"""Makes the plan's site the default one of Django's administration; stands in INSTALLED_APPS for `django.contrib.admin`."""

from django.contrib.admin.apps import AdminConfig


class PlanAdminConfig(AdminConfig):
    default_site = "actions.admin_site.PlanAdminSite"
