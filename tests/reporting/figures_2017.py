"""The figures of the printed bilan of 2017, typed from the document: measure → (2016, 2017) as printed.

None: nothing is printed for that year. ND: « démarrage en 2017, pas de données chiffrées en 2016 ».
"""

ND = "démarrage en 2017, pas de données chiffrées en 2016"

READINGS = {
    "1-1.1-1": ("8", "10"),
    "1-1.1-2": ("6", "12"),
    "1-1.1-3": ("6", "12"),
    "1-1.2-1": ("3", "2"),
    "1-1.2-2.VALO": ("100", "100"),
    "1-1.2-2.DI": ("2 054", "196"),
    "1-1.2-2.DND": ("39", "212,17"),
    "1-1.3-1": ("−7,3", "−6,4"),
    "1-1.3-2": ("27,2", "27,3"),
    "1-1.3-3": ("−6,4", "−3,6"),
    "1-1.3-4": ("1,8", "−3"),
    "1-1.3-5": ("25", "23,2"),
    "1-1.5-1": ("60", "63"),
    "1-1.5-2": ("1,6", "1,56"),
    "1-1.5-3.KM": ("9 417 536", "8 642 568"),
    "1-1.5-3.CARB": ("552 631", "496 739"),
    "1-1.5-3.ELEC": ("35 372", "32 891"),
    "1-1.5-4.RES": ("42", "41"),
    "1-1.5-4.KM": ("13", "14"),
    "1-1.5-4.COURTRES": ("72", "68"),
    "1-1.5-4.COURTKM": ("72", "72"),
    "1-2.2-1.REEMPLOI": ("144", "84"),
    "1-2.2-1.ACQUISITION": ("1 237", "1 304"),
    "1-2.2-1.TOTAL": ("1 381", "1 388"),
    "1-2.2-1.PART": ("10,43", "6,05"),
    "1-3.2-1": ("61,88", "34,03"),
    "1-3.2-2": ("85,3", "85,3"),
    "1-3.2-3": ("90", "91"),
    "1-3.3-1": ("23,30", "15,42"),
    "2-1.1-1": (ND, "85,9"),
    "2-1.1-2": (ND, "56,9"),
    "2-1.2-1": (ND, "28,13"),
    "2-1.2-2": (ND, "11"),
    "2-3.1-1": (None, None),
    "2-3.1-2": (None, None),
    "3-1.2-1": (None, "110"),
    "3-1.2-2.ACI": (None, "52"),
    "3-1.2-2.AI": (None, "27"),
    "3-1.2-2.EI": (None, "24"),
    "3-1.2-2.ETTI": (None, "7"),
    "3-1.2-3.INS": ("3", "3"),
    "3-1.2-3.RES": ("1", "4"),
    "3-2.1-1.TRAVAUX": (None, "60"),
    "3-2.1-1.TP": (None, "32"),
    "3-2.1-1.SERVICES": (None, "5"),
    "3-2.1-1.INTELLECTUELLES": (None, "1"),
    "3-2.1-2": (None, None),
    "3-3.2-1": (None, "91"),
    "3-3.2-2": (None, "60"),
}

# Evolutions that the document prints, as computed from its own figures.
EVOLUTIONS = {
    "1-1.5-3.KM": "−8,2 %",
    "1-1.5-3.CARB": "−10,1 %",
    "1-1.5-3.ELEC": "−7,0 %",
    "1-3.2-1": "−27,85 points",
    "1-3.3-1": "−7,88 points",
}

# (action, words of the label, 2016, 2017) of figures that answer no indicator.
EXTRA_FIGURES = [
    ("2-3.1", "Participants", "200", "290"),
    ("2-3.1", "Fournisseurs présents", "47", "50"),
    ("2-3.1", "revues programmation", None, "6"),
    ("2-3.1", "acheteurs", None, "690"),
    ("2-3.1", "rendez-vous d'affaires", None, "134"),
    ("2-1.2", "hors MPS", None, "161"),
    ("1-1.5", "parc constant", None, "550"),
    ("3-2.1", "heures d'insertion programmées en 2017", None, "34 000"),
    ("3-2.1", "jusqu'en 2021", None, "318 420"),
    ("3-3.2", "heures d'insertion", None, "14 000"),
]
