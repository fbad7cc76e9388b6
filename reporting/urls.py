"""Addresses of the dashboards, the explorer, the search and the home page."""

from django.urls import path

from reporting import views_dashboard, views_direction, views_explorer, views_home, views_search

urlpatterns = [
    path("", views_home.home, name="home"),
    path("editions/<int:pk>/fichiers/<str:name>/", views_home.edition_file, name="edition_file"),
    path("directions/<slug:slug>/<str:code>/", views_direction.direction, name="direction"),
    path("schemas/<slug:slug>/tableau-de-bord/", views_dashboard.dashboard, name="dashboard"),
    path("schemas/<slug:slug>/actions/", views_dashboard.action_list, name="action_list"),
    path("schemas/<slug:slug>/indicateurs/", views_explorer.explorer, name="explorer"),
    path(
        "schemas/<slug:slug>/indicateurs.<str:format>", views_explorer.explorer_export, name="explorer_export"
    ),
    path("schemas/<slug:slug>/comparaison/", views_explorer.compare, name="compare"),
    path("recherche/", views_search.found, name="search"),
]
