"""Addresses of the API: the plan and the people."""

from django.urls import path

from actions.api import views
from spaser.api import converters as converters  # the parts of the addresses

urlpatterns = [
    path("organisations/", views.OrganisationList.as_view(), name="organisation_list"),
    path("organisations/<slug:organisation>/", views.OrganisationItem.as_view(), name="organisation_item"),
    path(
        "organisations/<slug:organisation>/directions/", views.DirectionList.as_view(), name="direction_list"
    ),
    path(
        "organisations/<slug:organisation>/directions/<code:code>/",
        views.DirectionItem.as_view(),
        name="direction_item",
    ),
    path("schemes/", views.SchemeList.as_view(), name="scheme_list"),
    path("schemes/<slug:scheme>/", views.SchemeItem.as_view(), name="scheme_item"),
    path("schemes/<slug:scheme>/pillars/", views.PillarList.as_view(), name="pillar_list"),
    path("schemes/<slug:scheme>/pillars/<code:code>/", views.PillarItem.as_view(), name="pillar_item"),
    path("schemes/<slug:scheme>/objectives/", views.ObjectiveList.as_view(), name="objective_list"),
    path(
        "schemes/<slug:scheme>/objectives/<code:code>/", views.ObjectiveItem.as_view(), name="objective_item"
    ),
    path("schemes/<slug:scheme>/actions/", views.ActionList.as_view(), name="action_list"),
    path("schemes/<slug:scheme>/actions/<code:code>/", views.ActionItem.as_view(), name="action_item"),
]
