"""The Climat & Résilience publication (L2111-3) as one frozen structure: made once by `reporting.editions.legal_build`, then only printed.

One table for each buyer; in it a line for each legal category, basis and year, those that nobody follows included.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.text import capfirst

from reporting.editions.bilan import Passage
from reporting.editions.imprint import Imprint
from reporting.editions.legal_words import LAW, LICENCE, METHOD
from spaser.french import NO_BREAK, format_date, format_number, plural, with_unit

RATE_DECIMALS = 2
FOLLOWED, NOT_FILLED, NOT_FOLLOWED = "suivie", "non renseignée", "non suivie"


@dataclass(frozen=True)
class LegalLine:
    """One category, on one basis, in one year, of one buyer.

    `numerator`, `denominator` and `unfilled` are contracts or euros excluding tax as `basis` (a LegalBasis value) says; `rate`,
    `target` and `unfilled_share` are in per cent, `gap` (rate less target) in points. None is not known, which is never 0.
    `status` is « suivie », « non renseignée » or « non suivie »; of the two last, `reason` says why when it was said.
    """

    category_code: str
    category: str
    basis: str
    basis_label: str
    unit: str  # « contrats », « € HT »
    year: int
    status: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    rate: Decimal | None = None
    target: Decimal | None = None
    target_words: str = ""
    target_year: int | None = None
    gap: Decimal | None = None
    unfilled: Decimal | None = None
    unfilled_share: Decimal | None = None
    perimeter: str = ""
    threshold: Decimal | None = None
    source: str = ""
    measure: str = ""  # the code of the measure that gives it; "" for a figure given by the steering team
    extracted_on: date | None = None
    comment: str = ""
    reason: str = ""
    validated: bool = True
    invented: bool = False

    @property
    def counted(self):
        """« nombre de contrats », « valeur en € HT »: what its numbers are."""
        return (
            f"{self.basis_label} en {self.unit.replace(' ', NO_BREAK)}"
            if "€" in self.unit
            else self.basis_label
        )

    @property
    def is_filled(self):
        return self.status == FOLLOWED

    @property
    def terms(self):
        """What is counted, as it is printed: numerator, denominator and not filled in, each "" when it is not known."""
        numbers = {"numerator": self.numerator, "denominator": self.denominator, "unfilled": self.unfilled}
        return {name: "" if number is None else counted_text(number) for name, number in numbers.items()}

    @property
    def figure(self):
        """« 28,13 % (63 / 224) », « 57 contrats », « 125 000,50 € HT »; "" when there is none."""
        terms = [term for term in (self.numerator, self.denominator) if term is not None]
        said = " / ".join(map(counted_text, terms))
        if self.rate is not None:
            rate = with_unit(format_number(self.rate, RATE_DECIMALS), "%")
            return f"{rate} ({said})" if terms else rate
        return with_unit(said, self.unit) if self.is_filled else ""

    @property
    def absence(self):
        """« Non suivie : le plan ne la compte pas. », in place of the figures; "" where there are some."""
        if self.is_filled:
            return ""
        said = f"{self.status} : {self.reason}" if self.reason else self.status
        return capfirst(said if said.endswith((".", "!", "?")) else f"{said}.")

    @property
    def lacking(self):
        """What keeps the figures from being whole; "" when they are, or when there are none."""
        if not self.is_filled:
            return ""
        if self.numerator is None:
            return "Taux donné sans ses termes."
        if self.denominator is None:
            return "Numérateur seul : pas de taux."
        return "" if self.denominator else "Dénominateur nul : pas de taux."

    @property
    def target_figure(self):
        """« 30 % » where the target is a number; otherwise its words, "" without any."""
        return with_unit(format_number(self.target), "%") if self.target is not None else self.target_words

    @property
    def gap_figure(self):
        """« −1,88 point », always signed."""
        if self.gap is None:
            return ""
        return with_unit(format_number(self.gap, RATE_DECIMALS, sign=True), plural("point", self.gap))

    @property
    def origin(self):
        """Where its figures come from, one sentence each: perimeter, threshold, source and date."""
        threshold = "" if self.threshold is None else with_unit(format_number(self.threshold), "€ HT")
        dated = f"au {format_date(self.extracted_on)}" if self.extracted_on else ""
        source = " ".join(filter(None, [self.source, f"({dated})" if self.source and dated else ""]))
        said = (
            self.perimeter,
            f"Seuil : {threshold}" if threshold else "",
            f"Source : {source}" if source else f"Données {dated}" if dated else "",
        )
        return tuple(filter(None, said))

    @property
    def remarks(self):
        """What is said beside the figures, one sentence each."""
        validation = "" if self.validated or not self.is_filled else "Valeur non validée."
        invented = "Valeur inventée (démonstration)." if self.invented else ""
        return tuple(filter(None, (self.lacking, self.comment, validation, invented)))


def counted_text(number):
    """« 63 », « 125 000,50 »: contracts, or euros, whose cents are two."""
    return format_number(number, 0 if number == number.to_integral_value() else 2)


@dataclass(frozen=True)
class CategoryGroup:
    """The lines of one category of a buyer, in the order of the bases, then of the years."""

    code: str
    name: str
    lines: tuple[LegalLine, ...]

    @property
    def rows(self):
        """[(which line or lines, LegalLine)]: those of which the same is said in place of figures are one row."""
        alike = {}
        for line in self.lines:
            key = id(line) if line.is_filled else (line.absence, line.target_figure, line.target_year)
            alike.setdefault(key, []).append(line)
        return [(capfirst(_places(lines)), lines[0]) for lines in alike.values()]


@dataclass(frozen=True)
class Absence:
    """What is not followed or not filled in: of which buyer and category, which lines, and what is said of them."""

    buyer: str
    category: str
    lines: str  # « nombre de contrats, 2025 et 2026 ; valeur en € HT, 2026 »
    text: str


@dataclass(frozen=True)
class BuyerTable:
    """All lines of one buyer; `siret` is "" when it is not known."""

    code: str
    name: str
    siret: str
    lines: tuple[LegalLine, ...]

    @property
    def identified(self):
        return f"{self.name} ({f'SIRET {self.siret}' if self.siret else 'SIRET non renseigné'})"

    @property
    def groups(self):
        """Its lines by category."""
        found = {}
        for line in self.lines:
            found.setdefault((line.category_code, line.category), []).append(line)
        return tuple(CategoryGroup(code, name, tuple(lines)) for (code, name), lines in found.items())

    @property
    def headings(self):
        """« nombre de contrats, 2025 » …: what the lines of each of its groups are."""
        return [f"{line.counted}, {line.year}" for line in self.groups[0].lines]

    @property
    def filled(self):
        """How many of its lines have a figure."""
        return sum(line.is_filled for line in self.lines)

    @property
    def absences(self):
        """The Absences of its lines, alike ones of a category together."""
        found = []
        for group in self.groups:
            alike = {}
            for line in group.lines:
                if line.absence:
                    alike.setdefault(line.absence, []).append(line)
            found += [Absence(self.name, group.name, _places(lines), text) for text, lines in alike.items()]
        return found


def _places(lines):
    """« nombre de contrats, 2025 et 2026 ; valeur en € HT, 2026 », « nombre de contrats et valeur en € HT, 2026 »."""
    years, bases = {}, {}
    for line in lines:
        years.setdefault(line.counted, []).append(str(line.year))
    for counted, found in years.items():
        bases.setdefault(" et ".join(found), []).append(counted)
    return " ; ".join(f"{' et '.join(counted)}, {when}" for when, counted in bases.items())


@dataclass(frozen=True)
class Publication:
    """The publication of two years, which may straddle two schemes."""

    imprint: Imprint
    organisation: str
    title: str
    years: tuple[int, ...]
    schemes: tuple[str, ...]
    buyers: tuple[BuyerTable, ...]
    foreword: Passage | None = None
    foreword_author: str = ""
    invented: tuple[int, ...] = ()

    @property
    def period(self):
        """« 2025-2026 »."""
        return f"{self.years[0]}-{self.years[-1]}"

    @property
    def absences(self):
        return [absence for buyer in self.buyers for absence in buyer.absences]

    @property
    def law(self):
        """What the law asks for, in paragraphs."""
        return LAW

    @property
    def method(self):
        """[(subject, text)]: how its figures are made."""
        return METHOD

    @property
    def about(self):
        """[(subject, text)]: what this document is."""
        imprint = self.imprint
        frozen = format_date(timezone.localdate(imprint.frozen_at))
        said = [
            ("Document", f"{self.title}, années {' et '.join(map(str, self.years))}"),
            ("Collectivité", self.organisation),
            ("Acheteurs", " ; ".join(buyer.identified for buyer in self.buyers)),
            ("Schémas", " ; ".join(self.schemes)),
            (
                "Version",
                "Aperçu, non publié" if imprint.is_preview else f"{imprint.version}, du {frozen}",
            ),
            ("Données arrêtées le", frozen),
            ("Ce que corrige cette version", imprint.correction),
            ("Valeurs non validées", str(self.unvalidated) if self.unvalidated else ""),
            ("Adresse permanente", "" if imprint.is_preview else imprint.address),
            ("Licence des données", LICENCE["title"]),
        ]
        return [(subject, text) for subject, text in said if text]

    @property
    def unvalidated(self):
        """How many values are not validated."""
        return sum(line.is_filled and not line.validated for buyer in self.buyers for line in buyer.lines)

    @property
    def demonstration(self):
        """The sentence that says which values are invented; "" when none is."""
        years = " et ".join(map(str, self.invented))
        return f"Démonstration : les valeurs de {years} sont inventées" if years else ""
