"""Addresses of the plan."""

from django.urls import path

from actions import views

urlpatterns = [
    path("", views.home, name="home"),
    path("schemas/<slug:slug>/", views.scheme, name="scheme"),
]
