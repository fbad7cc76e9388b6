"""Addresses of actions' sheets and of indicators."""

from django.urls import path

from indicators import (
    views,
    views_campaigns,
    views_plan,
    views_plan_import,
    views_reminders,
    views_review,
    views_sheet,
    views_targets,
    views_work,
    views_workbook,
)

urlpatterns = [
    path("collectivites/<slug:slug>/plan/", views_plan_import.plan_import, name="plan_import"),
    path("collectivites/<slug:slug>/plan/modele.xlsx", views_plan_import.plan_template, name="plan_template"),
    path("mon-travail/", views_work.my_work, name="my_work"),
    path("schemas/<slug:slug>/campagnes/", views_campaigns.campaigns, name="campaigns"),
    path("schemas/<slug:slug>/campagnes/<str:key>/", views_campaigns.board, name="campaign"),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/classeur/",
        views_workbook.campaign_workbook,
        name="campaign_workbook",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/classeur/telecharger/",
        views_workbook.campaign_workbook_download,
        name="campaign_workbook_download",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/grille/", views_workbook.campaign_grid, name="campaign_grid"
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/conduite/", views_campaigns.conduct, name="campaign_conduct"
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/ouvrir/", views_campaigns.campaign_open, name="campaign_open"
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/clore/",
        views_campaigns.campaign_close,
        name="campaign_close",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/rouvrir/",
        views_campaigns.campaign_reopen,
        name="campaign_reopen",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/completer/",
        views_campaigns.campaign_complete,
        name="campaign_complete",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/supprimer/",
        views_campaigns.campaign_delete,
        name="campaign_delete",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/rappels/",
        views_reminders.campaign_reminders,
        name="campaign_reminders",
    ),
    path("rappels/", views_reminders.my_reminders, name="my_reminders"),
    path(
        "rappels/desabonnement/<str:token>/",
        views_reminders.reminders_unsubscribe,
        name="reminders_unsubscribe",
    ),
    path("schemas/<slug:slug>/campagnes/<str:key>/fiches/<str:code>/", views_sheet.report, name="report"),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/fiches/<str:code>/justificatifs/<int:pk>/",
        views_sheet.evidence,
        name="evidence",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/fiches/<str:code>/relecture/",
        views_review.report_review,
        name="report_review",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/fiches/<str:code>/remarques/",
        views_review.report_remark,
        name="report_remark",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/fiches/<str:code>/historique/",
        views_review.report_history,
        name="report_history",
    ),
    path(
        "schemas/<slug:slug>/campagnes/<str:key>/relecture/",
        views_review.campaign_review,
        name="campaign_review",
    ),
    path("schemas/<slug:slug>/actions/<str:code>/", views.action, name="action"),
    path("schemas/<slug:slug>/indicateurs/<str:code>/", views.indicator, name="indicator"),
    path("schemas/<slug:slug>/plan/", views_plan.plan_upkeep, name="plan_upkeep"),
    path("schemas/<slug:slug>/successeur/", views_plan.scheme_successor, name="scheme_successor"),
    path(
        "schemas/<slug:slug>/actions/<str:code>/indicateurs/ajouter/",
        views_plan.indicator_add,
        name="indicator_add",
    ),
    path(
        "schemas/<slug:slug>/indicateurs/<str:code>/modifier/",
        views_plan.indicator_edit,
        name="indicator_edit",
    ),
    path(
        "schemas/<slug:slug>/indicateurs/<str:code>/grandeurs/ajouter/",
        views_plan.measure_add,
        name="measure_add",
    ),
    path("schemas/<slug:slug>/grandeurs/<str:code>/modifier/", views_plan.measure_edit, name="measure_edit"),
    path(
        "schemas/<slug:slug>/grandeurs/<str:code>/calcul/",
        views_plan.measure_computation,
        name="measure_computation",
    ),
    path(
        "schemas/<slug:slug>/grandeurs/<str:code>/cibles/ajouter/",
        views_targets.target_add,
        name="target_add",
    ),
    path("schemas/<slug:slug>/cibles/<str:code>/modifier/", views_targets.target_edit, name="target_edit"),
    path("schemas/<slug:slug>/cibles/<str:code>/retirer/", views_targets.target_remove, name="target_remove"),
    path(
        "schemas/<slug:slug>/grandeurs/<str:code>/ruptures/ajouter/",
        views_targets.break_add,
        name="break_add",
    ),
    path(
        "schemas/<slug:slug>/grandeurs/<str:code>/ruptures/<int:year>/retirer/",
        views_targets.break_remove,
        name="break_remove",
    ),
    path("schemas/<slug:slug>/ventilations/<str:code>/", views_targets.breakdown, name="breakdown"),
    path(
        "schemas/<slug:slug>/ventilations/<str:code>/postes/ajouter/",
        views_targets.item_add,
        name="item_add",
    ),
    path(
        "schemas/<slug:slug>/ventilations/<str:code>/postes/<str:item_code>/grandeurs/",
        views_targets.item_measures,
        name="item_measures",
    ),
]
