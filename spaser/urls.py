"""All addresses of the site; each app brings its own."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

urlpatterns = [
    path("deconnexion/", auth.LogoutView.as_view(), name="logout"),
    path("mot-de-passe/changer/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("mot-de-passe/change/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("mot-de-passe/choisi/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path(
        "mot-de-passe/<uidb64>/<token>/",
        auth.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("gestion/", admin.site.urls),
    path("api/v1/", include("spaser.api.urls")),
    path("", include("actions.urls")),
    path("", include("indicators.urls")),
    path("", include("reporting.urls")),
]
