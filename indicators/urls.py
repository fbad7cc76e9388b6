"""Addresses of actions' sheets and of indicators."""

from django.urls import path

from indicators import views

urlpatterns = [
    path("schemas/<slug:slug>/actions/<str:code>/", views.action, name="action"),
    path("schemas/<slug:slug>/indicateurs/<str:code>/", views.indicator, name="indicator"),
]
