"""What a legal publication lacks: the checklist of its draft, from the data as it is now."""

from collections import defaultdict

from django.urls import reverse

from indicators.models import LegalBasis
from reporting.editions.checklist import Check, Gap, Kind
from reporting.editions.legal import NOT_FILLED, NOT_FOLLOWED
from reporting.editions.legal_build import LegalSources
from spaser.french import format_number


def legal_checks(draft):
    """The Checks of a legal draft, in a constant number of queries."""
    return _Checks(draft).all()


class _Checks:
    def __init__(self, draft):
        self.draft = draft
        self.sources = LegalSources(draft.organisation, (draft.first_year, draft.last_year))
        self.lines = [  # (buyer, category, its measure or None, line)
            (buyer, category, self.sources.measure_of(buyer, category, basis, year), line)
            for buyer in self.sources.buyers
            for category in self.sources.categories
            for basis in LegalBasis
            for year in self.sources.years
            for line in [self.sources.line(buyer, category, basis, year)]
        ]

    def all(self):
        filled = [row for row in self.lines if row[3].is_filled]
        return [*self._missing(filled), self._unvalidated(filled), *self._inconsistent(filled)]

    def _missing(self, filled):
        return [
            Check("sirets", "Chaque acheteur a-t-il son SIRET ?", self._sirets()),
            Check(
                "not_followed",
                "Ce qui n’est pas suivi dit-il pourquoi ?",
                self._gaps(row for row in self.lines if row[3].status == NOT_FOLLOWED and not row[3].reason),
            ),
            Check(
                "not_filled",
                "Ce qui est suivi a-t-il ses chiffres ?",
                self._gaps(row for row in self.lines if row[3].status == NOT_FILLED),
            ),
            Check(
                "whole_rates",
                "Chaque chiffre a-t-il son numérateur et son dénominateur ?",
                self._gaps((row for row in filled if row[3].lacking), lambda line: line.lacking),
            ),
            Check(
                "targets",
                "Chaque catégorie suivie a-t-elle sa cible ?",
                self._gaps(row for row in filled if row[3].target is None and not row[3].target_words),
            ),
            Check(
                "unfilled",
                "La part des contrats non renseignés est-elle donnée ?",
                self._gaps(
                    row for row in filled if row[3].unfilled is None and row[3].basis == LegalBasis.CONTRACTS
                ),
            ),
        ]

    def _unvalidated(self, filled):
        gaps = self._gaps(row for row in filled if not row[3].validated)
        return Check("unvalidated", "Les valeurs sont-elles validées ?", gaps, Kind.UNVALIDATED)

    def _inconsistent(self, filled):
        return [
            Check(
                "over",
                "Le numérateur reste-t-il dans le dénominateur ?",
                self._gaps((row for row in filled if _is_over(row[3])), lambda line: line.figure),
                Kind.INCONSISTENT,
            ),
            Check(
                "denominators",
                "Le dénominateur est-il le même d’une catégorie à l’autre ?",
                self._denominators(),
                Kind.INCONSISTENT,
            ),
            Check(
                "claims",
                "Chaque ligne vient-elle d’une seule source ?",
                self._claims(),
                Kind.INCONSISTENT,
            ),
            Check(
                "buyers",
                "Dans le schéma partagé, chaque grandeur nomme-t-elle son acheteur ?",
                self._unassigned(),
                Kind.INCONSISTENT,
            ),
        ]

    def _gaps(self, rows, detail=None):
        """One Gap for each line, that is settled where its figure comes from."""
        return tuple(
            Gap(
                f"{self._named(buyer, line)}{f' : {detail(line)}' if detail else ''}",
                self._address(buyer, category, measure, line),
            )
            for buyer, category, measure, line in rows
        )

    def _named(self, buyer, line):
        whose = f"{buyer.name}, " if self.sources.is_shared else ""
        return f"{whose}{line.category}, {line.basis_label}, {line.year}"

    def _address(self, buyer, category, measure, line):
        if measure:
            return _page_of(measure)
        if buyer.pk is None:
            return self._organisation_address()
        return reverse("legal_figure", args=[self.draft.pk, buyer.code, category.code, line.basis, line.year])

    def _organisation_address(self):
        return reverse("admin:actions_organisation_change", args=[self.draft.organisation_id])

    def _sirets(self):
        address = self._organisation_address()
        return tuple(
            Gap(f"{buyer.name} : {'SIRET faux, ' + buyer.siret if buyer.siret else 'pas de SIRET'}", address)
            for buyer in self.sources.buyers
            if not is_siret(buyer.siret)
        )

    def _denominators(self):
        found = defaultdict(dict)
        for buyer, _, _, line in self.lines:
            if line.denominator is not None:
                found[buyer.name, line.basis_label, line.year].setdefault(line.denominator, line.category)
        whose = "{}, " if self.sources.is_shared else ""
        return tuple(
            Gap(
                f"{whose.format(name)}{basis}, {year} : "
                + " ; ".join(f"{format_number(number)} ({category})" for number, category in numbers.items()),
                reverse("legal_figures", args=[self.draft.pk]),
            )
            for (name, basis, year), numbers in found.items()
            if len(numbers) > 1
        )

    def _claims(self):
        """Two measures of one line, or a figure that waits behind a measure."""
        gaps = []
        for buyer, category, measure, line in self.lines:
            key = buyer, category, line.basis, line.year
            others = self.sources.claims.get((buyer.pk, category.pk, line.basis, line.year), [])[1:]
            said = [f"la grandeur {other.code}" for other in others]
            if measure and self.sources.figure_of(*key):
                said.append("un chiffre donné à la main")
            if said:
                text = f"{self._named(buyer, line)} : {measure.code} compte, et non {' ni '.join(said)}"
                gaps.append(Gap(text, self._address(buyer, category, measure, line)))
        return tuple(gaps)

    def _unassigned(self):
        return tuple(
            Gap(f"{measure} ne compte pour aucun acheteur", _page_of(measure))
            for measure in self.sources.unassigned
        )


def _page_of(measure):
    return reverse("measure_edit", args=[measure.scheme.slug, measure.code])


def _is_over(line):
    terms = line.numerator, line.denominator
    return (line.rate is not None and line.rate > 100) or (None not in terms and terms[0] > terms[1])


LA_POSTE = "356000000"  # most of its offices follow a rule of their own


def is_siret(text):
    """Are these 14 digits a SIRET? Its last digit is a check on the others (Luhn)."""
    if len(text) != 14 or not (text.isascii() and text.isdecimal()):
        return False
    if text.startswith(LA_POSTE) and sum(map(int, text)) % 5 == 0:
        return True
    doubled = (int(digit) * (2 if rank % 2 == 0 else 1) for rank, digit in enumerate(text))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
