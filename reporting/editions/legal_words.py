"""What the page, the PDF, the workbook and the open data of a legal publication say besides its figures: the law, the method, the licence.

The law is told in our words and never quoted.
"""

LICENCE = {
    "name": "etalab-2.0",
    "title": "Licence Ouverte 2.0",
    "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
}
REFERENCE = "Code de la commande publique, articles L2111-3 et D2111-3"
LAW = (
    "Le code de la commande publique (article L2111-3) demande aux principaux acheteurs publics un schéma de promotion des achats "
    "socialement et écologiquement responsables, avec des indicateurs précis, en nombre de contrats ou en valeur, publiés tous les "
    "deux ans. Ils disent la part réelle de ces achats, et l’objectif fixé pour chaque catégorie. Là où plusieurs acheteurs "
    "partagent un schéma, les indicateurs sont établis pour chacun d’eux.",
    "Quatre catégories viennent de la loi : les achats à considération sociale, les achats à considération environnementale, les "
    "achats aux entreprises solidaires d’utilité sociale agréées, et ceux aux employeurs de personnes défavorisées ou vulnérables. "
    "Un acheteur peut en suivre d’autres. La loi n’impose pas de présentation : celle-ci donne, pour chaque taux, ce dont il est "
    "fait.",
)
METHOD = (
    (
        "Taux",
        "Numérateur divisé par dénominateur, en pour cent, arrondi à deux décimales. Il manque quand l’un des deux manque, ou quand "
        "le dénominateur est nul.",
    ),
    (
        "Cible et écart",
        "La cible qui compte est celle dont l’échéance vient d’abord. L’écart est le taux moins la cible, en points.",
    ),
    (
        "Non renseignés",
        "Les contrats, ou les euros, du dénominateur dont on ignore s’ils sont de la catégorie. Ils ne comptent ni comme oui ni "
        "comme non.",
    ),
    (
        "Donnée absente",
        "Ce n’est pas un zéro : elle n’entre dans aucun calcul, et le document dit qu’elle manque.",
    ),
    (
        "Non suivie, non renseignée",
        "Une catégorie est « non suivie » quand ni le schéma ni l’acheteur ne la comptent ; « non renseignée » quand elle est suivie, "
        "mais que la valeur de l’année manque.",
    ),
    ("Assiettes", "En nombre, on compte des contrats ; en valeur, des euros hors taxes."),
)
