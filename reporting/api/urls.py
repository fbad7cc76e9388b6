"""Addresses of the API: what is published."""

from django.urls import path

from reporting.api import views

urlpatterns = [
    path("editions/", views.EditionList.as_view(), name="edition_list"),
    path(
        "organisations/<slug:organisation>/editions/<slug:edition>/",
        views.EditionLatest.as_view(),
        name="edition_latest",
    ),
    path(
        "organisations/<slug:organisation>/editions/<slug:edition>/v<int:version>/",
        views.EditionItem.as_view(),
        name="edition_item",
    ),
]
