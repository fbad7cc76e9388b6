"""The sheets of the workbook and their columns, stated once for writing and reading.

A sheet gives the items of one level of the document (`indicators.document.levels`), a row each; a column is a key of
that level, or says under which item the row stands (`above`).
"""

from dataclasses import dataclass

from indicators.document.levels import LEVELS

TEXT, LONG, INTEGER, NUMBER, YES_NO, DATE, CODES = (
    "text",
    "long",
    "integer",
    "number",
    "yes_no",
    "date",
    "codes",
)
EXAMPLE = "exemple"  # a row whose first cell begins so is not read
README, SCHEME = "Lisez-moi", "Schéma"


@dataclass(frozen=True)
class Column:
    """One column: its key in the document, its heading, what to write in it, and an example."""

    key: str
    heading: str
    note: str
    example: object = ""
    kind: str = TEXT
    width: int = 14
    choices: tuple[tuple[str, str], ...] = ()  # (value of the document, words in the cell)
    cites: str = ""  # the sheet whose codes are to be chosen from
    above: bool = False  # says where the row hangs, instead of being a key


@dataclass(frozen=True)
class SheetLayout:
    name: str
    level: str
    columns: tuple[Column, ...]

    def column(self, key):
        return next(column for column in self.columns if column.key == key)


def choices_of(level, key):
    return tuple((str(value), label) for value, label in LEVELS[level].field(key).choices)


NOTE = Column("source_note", "À éclaircir", "Ce que le document laisse obscur.", kind=LONG, width=30)
VALIDITY = (
    Column(
        "valid_from",
        "Valable à partir de",
        "Année, si la ligne ne vaut pas dès le début.",
        kind=INTEGER,
        width=11,
    ),
    Column(
        "valid_until",
        "Valable jusqu’à",
        "Année, si la ligne ne vaut pas jusqu’à la fin.",
        kind=INTEGER,
        width=11,
    ),
)
BASELINE = (
    Column("baseline_from", "Référence, de", "Première année de référence.", kind=INTEGER, width=11),
    Column("baseline_to", "Référence, à", "Dernière année de référence.", kind=INTEGER, width=11),
)
NUMBER_COLUMN = Column("number", "Numéro", "Tel qu’imprimé : 1, 1-2, A…", "1", width=10)


def code(example, note="Unique dans le schéma ; sans accent ni espace."):
    return Column("code", "Code", note, f"{EXAMPLE}-{example}", width=18)


SCHEME_ROWS = (
    Column("slug", "Identifiant", "Sert d’adresse : minuscules sans accent, chiffres et tirets.", "spaser-2027"),
    Column("title", "Titre", "Comme sur la couverture.", "Schéma de promotion des achats responsables 2027-2030"),
    Column("starts_year", "Première année", "", 2027, INTEGER),
    Column("ends_year", "Dernière année", "", 2030, INTEGER),
    Column("predecessor", "Succède à", "Identifiant du schéma précédent, s’il est sur ce site."),
    Column("pillar_label", "Nom du premier niveau", "« Axe », « Pilier »… ; vide si le document n’en donne pas.", "Axe"),
    Column("objective_label", "Nom du deuxième niveau", "Vide : « Objectif ».", "Objectif"),
    Column("action_label", "Nom du troisième niveau", "Vide : « Action ».", "Action"),
    Column("part_label", "Nom des parties d’une action", "Vide : « Volet ».", "Volet"),
    Column("step_label", "Nom des étapes", "Vide : « Étape ».", "Étape"),
    Column("pilot_label", "Titre des pilotes", "Vide : « Pilotage ».", "Pilotage"),
    Column("support_label", "Titre des appuis", "Vide : « Appui ».", "Appui"),
    Column("partner_label", "Titre des partenaires", "Vide : « Partenaires ».", "Partenaires"),
    Column("purpose_label", "Titre de l’objectif d’une fiche", "Vide : « Objectif » ; « - » : sans titre.", "Objectif"),
    Column("implementation_label", "Titre de la mise en œuvre", "Vide : « Mise en œuvre » ; « - » : sans titre."),
    Column("declared_pillars", "Nombre d’axes annoncé", "Si le document le dit.", 4, INTEGER),
    Column("declared_objectives", "Nombre d’objectifs annoncé", "Si le document le dit.", 10, INTEGER),
    Column("declared_actions", "Nombre d’actions annoncé", "Si le document le dit.", 26, INTEGER),
    Column("adoption_text", "Adoption", "Ce que le document dit de son adoption.", kind=LONG),
    Column("adopted_on", "Adopté le", "Date : jj/mm/aaaa.", "15/03/2027", DATE),
    Column("deliberation", "Délibération", "Son numéro."),
    Column("published_url", "Publié à l’adresse", "https://…"),
    NOTE,
)  # fmt: skip
EMPTY_LABEL = "-"  # in the cells whose field has a default that is not empty

SHEETS = (
    SheetLayout(
        "Directions",
        "direction",
        (
            Column("code", "Sigle", "Unique dans la collectivité ; sans accent ni espace.", f"{EXAMPLE}-DAJ", width=18),
            Column("name", "Nom", "En toutes lettres.", "Direction des affaires juridiques", width=44),
            Column("kind", "Nature", "Vide : direction.", "direction", width=22, choices=choices_of("direction", "kind")),
            Column("note", "Note", "", kind=LONG, width=40),
        ),
    ),
    SheetLayout(
        "Instances",
        "committee",
        (
            code("COPIL"),
            Column("name", "Nom", "", "Comité de pilotage", width=34),
            Column("composition", "Composition", "", "Élus et directions pilotes", LONG, 40),
            Column("frequency", "Fréquence", "", "une fois par an", width=22),
            Column("role", "Rôle", "", "Suit l’avancement", LONG, 40),
            NOTE,
        ),
    ),
    SheetLayout(
        "Ventilations",
        "item",
        (
            Column("breakdown", "Code", "De la ventilation ; répété à chaque poste.", f"{EXAMPLE}-lieux", width=18, above=True),
            Column("breakdown_name", "Ventilation", "Sur la première de ses lignes.", "Lieux de restauration", width=32, above=True),
            Column("open", "Ouverte", "oui : la liste se complète avec le temps.", "non", YES_NO, 10, above=True),
            Column("breakdown_note", "À éclaircir", NOTE.note, "", LONG, 24, above=True),
            Column("code", "Code du poste", "Unique dans la ventilation.", "COL", width=16),
            Column("name", "Poste", "Ce qui s’affiche.", "Collèges", width=34),
            *VALIDITY,
        ),
    ),
    SheetLayout(
        "Piliers",
        "pillar",
        (
            code("A"),
            NUMBER_COLUMN,
            Column("title", "Intitulé", "Mot pour mot.", "Environnement", width=50),
            Column("introduction", "Introduction", "", kind=LONG, width=60),
            NOTE,
        ),
    ),
    SheetLayout(
        "Objectifs",
        "objective",
        (
            code("A-1"),
            Column("pillar", "Pilier", "Son code.", f"{EXAMPLE}-A", width=16, cites="Piliers", above=True),
            NUMBER_COLUMN,
            Column("title", "Intitulé", "Vide si le document n’a pas ce niveau : rien ne s’affiche.", "Mieux manger", width=50),
            Column("introduction", "Introduction", "", kind=LONG, width=60),
            NOTE,
        ),
    ),
    SheetLayout(
        "Actions",
        "action",
        (
            code("A-1.1"),
            Column("objective", "Objectif", "Son code ; vide pour un volet.", f"{EXAMPLE}-A-1", width=16, cites="Objectifs", above=True),
            Column("parent", "Volet de", "Le code de l’action, pour un volet seulement.", width=16, cites="Actions", above=True),
            NUMBER_COLUMN,
            Column("title", "Intitulé", "Mot pour mot.", "Acheter des produits locaux", width=50),
            Column("nature", "Nature", "Vide : action.", "action", width=18, choices=choices_of("action", "nature")),
            Column("bonus", "Action bonus", "oui ou vide.", "", YES_NO, 10),
            Column("purpose", "Objectif, enjeux", "", "Augmenter la part des produits locaux.", LONG, 50),
            Column("implementation", "Mise en œuvre", "", kind=LONG, width=50),
            Column("expected_results", "Résultats attendus", "", kind=LONG, width=40),
            Column("due_text", "Échéance imprimée", "", "2027-2029", width=18),
            Column("due_from", "Échéance, de", "Année.", 2027, INTEGER, 11),
            Column("due_to", "Échéance, à", "Année.", 2029, INTEGER, 11),
            *VALIDITY,
            NOTE,
        ),
    ),
    SheetLayout(
        "Étapes",
        "step",
        (
            code("A-1.1-E1"),
            Column("action", "Action", "Son code, ou celui du volet.", f"{EXAMPLE}-A-1.1", width=18, cites="Actions", above=True),
            Column("parent", "Sous l’étape", "Pour une sous-étape seulement.", width=18, cites="Étapes", above=True),
            Column("title", "Intitulé", "Mot pour mot.", "Recenser les producteurs", LONG, 70),
            NOTE,
        ),
    ),
    SheetLayout(
        "Participations",
        "involvement",
        (
            Column("action", "Action", "Son code, ou celui du volet.", f"{EXAMPLE}-A-1.1", width=18, cites="Actions", above=True),
            Column("direction", "Direction", "Son sigle.", f"{EXAMPLE}-DAJ", width=18, cites="Directions"),
            Column("role", "Part prise", "", "pilotage", width=16, choices=choices_of("involvement", "role")),
            Column("note", "Précision", "Ce que le document dit de cette part.", kind=LONG, width=60),
        ),
    ),
    SheetLayout(
        "Indicateurs",
        "indicator",
        (
            code("A-1.1-1"),
            Column("action", "Action", "Son code, ou celui du volet.", f"{EXAMPLE}-A-1.1", width=18, cites="Actions", above=True),
            Column("name", "Indicateur", "Mot pour mot.", "Part des produits locaux", LONG, 60),
            Column("kind", "Nature", "Vide si le document ne le dit pas.", "indicateur d’effet", width=24, choices=choices_of("indicator", "kind")),
            Column("definition", "Définition", "", kind=LONG, width=40),
            Column("breakdown", "Ventilation", "Son code.", f"{EXAMPLE}-lieux", width=16, cites="Ventilations"),
            Column("refers_to", "Renvoie à", "L’action dont il reprend les indicateurs ; sans grandeur.", width=16, cites="Actions"),
            Column("duplicate_of", "Répète", "L’indicateur répété par erreur ; sans grandeur.", width=16, cites="Indicateurs"),
            *VALIDITY,
            NOTE,
        ),
    ),
    SheetLayout(
        "Grandeurs",
        "measure",
        (
            code("A-1.1-1.COL", "Unique ; s’il n’y en a qu’une, le code de l’indicateur."),
            Column("indicator", "Indicateur", "Son code.", f"{EXAMPLE}-A-1.1-1", width=18, cites="Indicateurs", above=True),
            Column("name", "Grandeur", "Vide si l’indicateur n’en a qu’une.", width=40),
            Column("type", "Type", "Comment elle se saisit.", "pourcentage", width=20, choices=choices_of("measure", "type")),
            Column("unit", "Unité", "", "%", width=14),
            Column("sense", "Sens", "Vide si aucun n’est meilleur.", "hausse attendue", width=18, choices=choices_of("measure", "sense")),
            Column("item", "Poste", "Le code du poste de la ventilation.", "COL", width=14),
            Column("choices", "Valeurs possibles", "Une par ligne de la cellule, pour une liste.", kind=LONG, width=24),
            Column("numerator_label", "Nom du numérateur", "Pour un taux.", width=28),
            Column("denominator_label", "Nom du dénominateur", "Pour un taux.", width=28),
            Column("alternative_to", "Tient lieu de", "L’autre grandeur, quand l’une ou l’autre répond.", width=16, cites="Grandeurs"),
            Column("computation", "Calcul", "Vide si elle est saisie.", width=22, choices=choices_of("measure", "computation")),
            Column("sources", "Calculée à partir de", "Codes séparés par « ; » ; d’un taux, numérateur puis dénominateur.", kind=CODES, width=26),
            *BASELINE,
            Column("baseline_value", "Valeur de référence", "", kind=NUMBER, width=12),
            Column("perimeter", "Périmètre", "", kind=LONG, width=30),
            Column("threshold", "Seuil (€ HT)", "", kind=NUMBER, width=12),
            *VALIDITY,
            NOTE,
        ),
    ),
    SheetLayout(
        "Cibles",
        "target",
        (
            code("A-1.1-1.COL-C1"),
            Column("measure", "Grandeur", "Son code ; ou l’action, ou le pilier.", f"{EXAMPLE}-A-1.1-1.COL", width=18, cites="Grandeurs", above=True),
            Column("action", "Action", "Si le document ne dit pas de quelle grandeur.", width=16, cites="Actions", above=True),
            Column("pillar", "Pilier", "De même.", width=14, cites="Piliers", above=True),
            Column("comparison", "Sens", "", "au moins", width=14, choices=choices_of("target", "comparison")),
            Column("value", "Valeur", "Pour « au moins », « au plus », « égal à », « entre ».", 50, NUMBER, 12),
            Column("value_max", "Valeur haute", "Pour « entre ».", "", NUMBER, 12),
            Column("unit", "Unité", "", "%", width=12),
            Column("year", "Échéance", "Année.", 2030, INTEGER, 10),
            Column("each_year", "Chaque année", "oui ou vide.", "", YES_NO, 10),
            Column("stage", "Étape sans année", "", width=16),
            Column("relative", "Par rapport à la référence", "oui pour « - 40 % par rapport à 2020 ».", "", YES_NO, 14),
            *BASELINE,
            Column("words", "Mots imprimés", "Mot pour mot.", "50 % de produits locaux en 2030", LONG, 50),
            NOTE,
        ),
    ),
    SheetLayout(
        "Passages",
        "passage",
        (
            Column("owner", "Niveau", "À quoi le texte se rattache.", f"{EXAMPLE} : action", width=18, above=True,
                   choices=(("scheme", "schéma"), ("pillar", "pilier"), ("objective", "objectif"), ("action", "action"))),
            Column("owner_code", "Code", "Du pilier, de l’objectif ou de l’action ; vide pour le schéma.", f"{EXAMPLE}-A-1.1", width=18, above=True),
            Column("heading", "Titre", "", "Contexte", width=40),
            Column("text", "Texte", "Une ligne vide sépare les paragraphes ; « - » commence une puce.", "Les collèges servent 15 000 repas par jour.", LONG, 90),
        ),
    ),
)  # fmt: skip

BY_LEVEL = {sheet.level: sheet for sheet in SHEETS}
HELD = frozenset({*BY_LEVEL, "scheme", "breakdown", "source"})  # what a workbook speaks of
UNHELD = "les acheteurs, les campagnes, les fiches annuelles et leurs relevés, les réunions"


def heading_of(level, key):
    """What the workbook calls a key of a level."""
    if level == "breakdown":
        level, key = "item", {"code": "breakdown", "name": "breakdown_name"}.get(key, key)
    if level == "source":
        level, key = "measure", "sources"
    columns = SCHEME_ROWS if level == "scheme" else BY_LEVEL[level].columns if level in BY_LEVEL else ()
    return next((column.heading for column in columns if column.key == key), key)
