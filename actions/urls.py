"""Addresses of the plan."""

from django.urls import path

from actions import (
    views,
    views_appearance,
    views_committees,
    views_credentials,
    views_directions,
    views_members,
    views_organisation,
    views_pages,
    views_plan,
    views_style,
)
from actions.models import PageName

urlpatterns = [
    path("schemas/", views.schemes, name="schemes"),
    path("connexion/", views_members.Login.as_view(), name="login"),
    path("mot-de-passe/", views_members.PasswordReset.as_view(), name="password_reset"),
    path("mot-de-passe/envoye/", views_members.PasswordResetDone.as_view(), name="password_reset_done"),
    path("collectivites/ajouter/", views_organisation.organisation_add, name="organisation_add"),
    path("collectivites/<slug:slug>/membres/", views_members.members, name="members"),
    path("collectivites/<slug:slug>/membres/<int:pk>/retirer/", views_members.remove, name="member_remove"),
    path(
        "collectivites/<slug:slug>/membres/<int:pk>/inviter/",
        views_members.invite_again,
        name="member_invite",
    ),
    path("collectivites/<slug:slug>/cles/", views_credentials.credentials, name="credentials"),
    path("collectivites/<slug:slug>/cles/ajouter/", views_credentials.credential_add, name="credential_add"),
    path(
        "collectivites/<slug:slug>/cles/<slug:prefix>/revoquer/",
        views_credentials.credential_revoke,
        name="credential_revoke",
    ),
    path("collectivites/<slug:slug>/apparence/", views_appearance.appearance, name="appearance"),
    path(
        "collectivites/<slug:slug>/theme.css", views_appearance.organisation_theme, name="organisation_theme"
    ),
    path("collectivites/<slug:slug>/logo/", views_appearance.organisation_logo, name="organisation_logo"),
    path("style/", views_style.style, name="style"),
    path("collectivites/<slug:slug>/directions/", views_directions.directions, name="directions"),
    path(
        "collectivites/<slug:slug>/directions/ajouter/", views_directions.direction_add, name="direction_add"
    ),
    path(
        "collectivites/<slug:slug>/directions/<int:pk>/",
        views_directions.direction_edit,
        name="direction_edit",
    ),
    path(
        "collectivites/<slug:slug>/directions/<int:pk>/devenue/",
        views_directions.direction_merge,
        name="direction_merge",
    ),
    path("schemas/<slug:slug>/", views.scheme, name="scheme"),
    path("schemas/<slug:slug>/actions/ajouter/", views_plan.action_add, name="action_add"),
    path(
        "schemas/<slug:slug>/actions/<str:code>/participations/",
        views_plan.involvements,
        name="action_involvements",
    ),
    path("schemas/<slug:slug>/actions/<str:code>/modifier/", views_plan.action_edit, name="action_edit"),
    path("schemas/<slug:slug>/actions/<str:code>/fin/", views_plan.action_end, name="action_end"),
    path("schemas/<slug:slug>/actions/<str:code>/reprendre/", views_plan.action_resume, name="action_resume"),
    path("schemas/<slug:slug>/instances/", views_committees.committees, name="committees"),
    path("schemas/<slug:slug>/instances/ajouter/", views_committees.committee_add, name="committee_add"),
    path("schemas/<slug:slug>/instances/<int:pk>/", views_committees.committee_edit, name="committee_edit"),
    path(
        "schemas/<slug:slug>/instances/<int:pk>/reunions/ajouter/",
        views_committees.meeting_add,
        name="meeting_add",
    ),
    path("schemas/<slug:slug>/reunions/<int:pk>/", views_committees.meeting_edit, name="meeting_edit"),
    path(
        "schemas/<slug:slug>/reunions/<int:pk>/supprimer/",
        views_committees.meeting_remove,
        name="meeting_remove",
    ),
    path("aide/", views_pages.site_page, {"page": PageName.HELP}, name="help"),
    path("aide/guide/", views_pages.guide, name="guide"),
    path("api/", views_pages.api_guide, name="api_guide"),
    path("nouveautes/", views_pages.site_page, {"page": PageName.NEWS}, name="news"),
    path("accessibilite/", views_pages.site_page, {"page": PageName.ACCESSIBILITY}, name="accessibility"),
    path("mentions-legales/", views_pages.site_page, {"page": PageName.LEGAL_NOTICE}, name="legal_notice"),
    path("confidentialite/", views_pages.site_page, {"page": PageName.PRIVACY}, name="privacy"),
    path("collectivites/<slug:slug>/pages/<str:page>/", views_pages.page_edit, name="page_edit"),
]
