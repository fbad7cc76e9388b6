"""Addresses of the plan."""

from django.urls import path

from actions import views, views_members

urlpatterns = [
    path("", views.home, name="home"),
    path("connexion/", views_members.Login.as_view(), name="login"),
    path("mot-de-passe/", views_members.PasswordReset.as_view(), name="password_reset"),
    path("mot-de-passe/envoye/", views_members.PasswordResetDone.as_view(), name="password_reset_done"),
    path("collectivites/<slug:slug>/membres/", views_members.members, name="members"),
    path("collectivites/<slug:slug>/membres/<int:pk>/retirer/", views_members.remove, name="member_remove"),
    path(
        "collectivites/<slug:slug>/membres/<int:pk>/inviter/",
        views_members.invite_again,
        name="member_invite",
    ),
    path("schemas/<slug:slug>/", views.scheme, name="scheme"),
]
