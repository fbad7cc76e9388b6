"""All addresses of the site; each app brings its own."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

urlpatterns = [
    path("connexion/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("deconnexion/", auth.LogoutView.as_view(), name="logout"),
    path("gestion/", admin.site.urls),
    path("", include("actions.urls")),
    path("", include("indicators.urls")),
]
