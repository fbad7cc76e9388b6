"""Addresses of the dashboards, the explorer, the search and the home page."""

from django.urls import path

from reporting import (
    views_dashboard,
    views_direction,
    views_drafts,
    views_editions,
    views_explorer,
    views_highlights,
    views_home,
    views_legal,
    views_search,
)

urlpatterns = [
    path("", views_home.home, name="home"),
    path("editions/", views_editions.editions, name="editions"),
    path("editions/nouvelle/<slug:slug>/", views_drafts.draft_add, name="draft_add"),
    path("editions/preparation/<int:pk>/", views_drafts.draft, name="draft"),
    path("editions/preparation/<int:pk>/textes/", views_drafts.draft_texts, name="draft_texts"),
    path(
        "editions/preparation/<int:pk>/zooms/ajouter/", views_highlights.highlight_add, name="highlight_add"
    ),
    path(
        "editions/preparation/<int:pk>/zooms/<int:zoom>/",
        views_highlights.highlight_edit,
        name="highlight_edit",
    ),
    path(
        "editions/preparation/<int:pk>/zooms/<int:zoom>/retirer/",
        views_highlights.highlight_remove,
        name="highlight_remove",
    ),
    path(
        "editions/preparation/<int:pk>/zooms/<int:zoom>/image.jpg",
        views_highlights.highlight_picture,
        name="highlight_picture",
    ),
    path("editions/preparation/<int:pk>/chiffres/", views_legal.legal_figures, name="legal_figures"),
    path(
        "editions/preparation/<int:pk>/chiffres/<str:buyer>/<str:category>/<str:basis>/<int:year>/",
        views_legal.legal_figure,
        name="legal_figure",
    ),
    path("editions/preparation/<int:pk>/fabriquer/", views_drafts.draft_make, name="draft_make"),
    path("editions/preparation/<int:pk>/avancement/", views_drafts.draft_progress, name="draft_progress"),
    path("editions/preparation/<int:pk>/apercu.pdf", views_drafts.draft_preview, name="draft_preview"),
    path("editions/preparation/<int:pk>/reprendre/", views_drafts.draft_resume, name="draft_resume"),
    path("editions/preparation/<int:pk>/renoncer/", views_drafts.draft_give_up, name="draft_give_up"),
    path("editions/preparation/<int:pk>/supprimer/", views_drafts.draft_delete, name="draft_delete"),
    path("publications/<slug:slug>/<slug:edition>/", views_editions.edition_latest, name="edition_latest"),
    path("publications/<slug:slug>/<slug:edition>/v<int:version>/", views_editions.edition, name="edition"),
    path(
        "publications/<slug:slug>/<slug:edition>/v<int:version>/corriger/",
        views_editions.edition_correct,
        name="edition_correct",
    ),
    path(
        "publications/<slug:slug>/<slug:edition>/v<int:version>/visibilite/",
        views_editions.edition_visibility,
        name="edition_visibility",
    ),
    path(
        "publications/<slug:slug>/<slug:edition>/v<int:version>/mises-en-ligne/",
        views_editions.posting_add,
        name="posting_add",
    ),
    path(
        "publications/<slug:slug>/<slug:edition>/v<int:version>/mises-en-ligne/<int:pk>/retirer/",
        views_editions.posting_remove,
        name="posting_remove",
    ),
    path(
        "publications/<slug:slug>/<slug:edition>/v<int:version>/images/<int:rank>/",
        views_editions.edition_picture,
        name="edition_picture",
    ),
    path(
        "publications/<slug:slug>/<slug:edition>/v<int:version>/<str:name>",
        views_editions.edition_file,
        name="edition_file",
    ),
    path(
        "publications/<slug:slug>/<slug:edition>/derniere-version<str:suffix>",
        views_editions.edition_latest_file,
        name="edition_latest_file",
    ),
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
