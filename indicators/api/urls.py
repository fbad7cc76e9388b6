"""Addresses of the API: what is measured."""

from django.urls import path

from indicators.api import plan, views, writing

urlpatterns = [
    path("schemes/<slug:scheme>/plan/", plan.Plan.as_view(), name="plan"),
    path("schemes/<slug:scheme>/indicators/", views.IndicatorList.as_view(), name="indicator_list"),
    path(
        "schemes/<slug:scheme>/indicators/<code:code>/", views.IndicatorItem.as_view(), name="indicator_item"
    ),
    path("schemes/<slug:scheme>/measures/", views.MeasureList.as_view(), name="measure_list"),
    path("schemes/<slug:scheme>/measures/<code:code>/", views.MeasureItem.as_view(), name="measure_item"),
    path("schemes/<slug:scheme>/targets/", views.TargetList.as_view(), name="target_list"),
    path("schemes/<slug:scheme>/targets/<code:code>/", views.TargetItem.as_view(), name="target_item"),
    path("schemes/<slug:scheme>/campaigns/", views.CampaignList.as_view(), name="campaign_list"),
    path(
        "schemes/<slug:scheme>/campaigns/<campaign:campaign>/",
        views.CampaignItem.as_view(),
        name="campaign_item",
    ),
    path("schemes/<slug:scheme>/reports/", views.ReportList.as_view(), name="report_list"),
    path(
        "schemes/<slug:scheme>/reports/<campaign:campaign>/<code:code>/",
        views.ReportItem.as_view(),
        name="report_item",
    ),
    path("schemes/<slug:scheme>/readings/", views.ReadingList.as_view(), name="reading_list"),
    path("schemes/<slug:scheme>/readings/batch/", writing.ReadingBatch.as_view(), name="reading_batch"),
    path(
        "schemes/<slug:scheme>/readings/<code:measure>/<campaign:campaign>/",
        writing.ReadingItem.as_view(),
        name="reading_item",
    ),
]
