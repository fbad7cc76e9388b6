"""The words of a bilan that its files share: what it says of itself, its method, its texts one after the other."""

from django.utils import timezone

from indicators.outcomes import Outcome
from reporting.editions.bilan import Bilan, Sheet
from spaser.french import NO_BREAK, format_date, format_number, format_time, plural

NOT_PUBLISHED = "Aperçu, non publié"
METHOD = (
    (
        "Évolution",
        "Calculée entre deux nombres : en points pour un pourcentage ou un taux, en % pour le reste.",
    ),
    (
        "Donnée absente",
        "Ce n’est pas un zéro : elle n’entre dans aucun calcul, et sa raison est dite quand elle est connue.",
    ),
    ("Cellule vide", "Pas de fiche cette année-là, rien à calculer, ou une autre grandeur répond."),
    ("Valeur calculée", "Elle se déduit d’autres ; si l’une manque, elle manque aussi."),
    (
        "Cible",
        "Son issue est celle de l’année du bilan : atteinte, en chemin tant que l’échéance n’est pas passée, manquée ensuite.",
    ),
)


def warning_of(bilan: Bilan):
    """What each page, sheet and slide says: that it is a preview, that values are invented; "" for most."""
    return ". ".join(filter(None, (NOT_PUBLISHED if bilan.imprint.is_preview else "", bilan.demonstration)))


def version_of(bilan: Bilan):
    """« Version 2 », or that it is no version yet."""
    return NOT_PUBLISHED if bilan.imprint.is_preview else f"Version{NO_BREAK}{bilan.imprint.version}"


def version_and_date(bilan: Bilan):
    """« Version 2, données arrêtées le 12/03/2027 »: the day in France."""
    frozen_on = f"données arrêtées le {format_date(timezone.localtime(bilan.imprint.frozen_at))}"
    return capitalised(frozen_on) if bilan.imprint.is_preview else f"{version_of(bilan)}, {frozen_on}"


def judged(outcomes):
    """(targets reached, targets that a value could be held against) of the outcomes of a bilan or of a pillar."""
    counts = {key: count for key, _, count in outcomes}
    reached = counts.get(Outcome.REACHED, 0)
    return reached, reached + counts.get(Outcome.ON_THE_WAY, 0) + counts.get(Outcome.MISSED, 0)


def capitalised(text):
    return text[:1].upper() + text[1:]


def completeness(bilan: Bilan):
    """« 44 relevés renseignés sur 47 attendus (94 %) »; "" where none is expected."""
    if not bilan.expected:
        return ""
    share = f" ({format_number(bilan.completeness, 0)}{NO_BREAK}%)" if bilan.completeness is not None else ""
    filled, expected = plural("relevé renseigné", bilan.filled), plural("attendu", bilan.expected)
    return f"{bilan.filled} {filled} sur {bilan.expected} {expected}{share}"


def about(bilan: Bilan):
    """(subject, text) of the edition itself, what is unknown left out."""
    moment = timezone.localtime(bilan.imprint.frozen_at)
    said = (
        ("Collectivité", bilan.organisation),
        ("Schéma", bilan.scheme),
        ("Document", f"Bilan annuel {bilan.year}"),
        ("Version", version_of(bilan)),
        ("Objet de la correction", bilan.imprint.correction),
        ("Données arrêtées le", f"{format_date(moment)} à {format_time(moment)}"),
        ("Adresse de l’édition", bilan.imprint.address),
        ("Démonstration", bilan.demonstration),
        ("Complétude", completeness(bilan)),
        ("Fiches qui ne sont pas validées", str(bilan.unvalidated) if bilan.unvalidated else ""),
        ("Actions", _actions(bilan)),
    )
    return tuple((subject, text) for subject, text in said if text)


def _actions(bilan):
    if bilan.total == bilan.counted:
        return ""
    return f"Le schéma en annonce {bilan.total} ; ce bilan donne la fiche de {bilan.counted}."


def general_texts(bilan: Bilan):
    """(heading, text) of what is said of the year as a whole, in the order of the document."""
    if bilan.foreword:
        signed = f"\n\n{bilan.foreword_author}" if bilan.foreword_author else ""
        yield bilan.foreword.heading, bilan.foreword.text + signed
    if bilan.synthesis:
        yield "Synthèse générale", bilan.synthesis
    yield from ((passage.heading, passage.text) for passage in bilan.passages)
    for zoom in bilan.zooms:
        yield f"Zoom, {zoom.action}", f"{zoom.title}\n\n{zoom.text}"
    for decision in bilan.decisions:
        yield f"{decision.committee} du {format_date(decision.held_on)}", decision.text


def sheet_texts(sheet: Sheet, bilan: Bilan):
    """(heading, text) of the sections of a sheet, in the order of the document."""
    if not sheet.reported:
        yield "Fiche annuelle", "Fiche non rendue."
    named = (
        (bilan.support_label or "Appui", ", ".join(sheet.supports)),
        (bilan.partner_label or "Partenariat", ", ".join(sheet.partners)),
        (bilan.purpose_label or "Objectif", sheet.purpose),
        ("Cibles", "\n".join(sheet.targets)),
        ("Étapes", "\n".join(f"{step.title} : {step.state or 'état non renseigné'}" for step in sheet.steps)),
        (f"Réalisation {bilan.year}", sheet.realisation),
        ("Mesure de l’efficacité", sheet.effectiveness),
        ("Analyse qualitative", sheet.analysis),
        (f"Perspectives {bilan.year + 1}", sheet.outlook),
    )
    yield from ((heading, text) for heading, text in named if text)
