"""What every template may use."""

from django.conf import settings
from django.contrib import admin
from django.utils.functional import SimpleLazyObject


def site(request):
    return {
        "demo": settings.DEMO,
        "can_manage": SimpleLazyObject(lambda: admin.site.has_permission(request)),
    }
