"""The workbook of a campaign, filled offline: one row a measure, written as XLSX or CSV; `upload` reads it back.

Hidden columns keep the version of each reading and what its cells held, so that what comes back is only what somebody changed.
"""

import csv
import io
import json
import textwrap
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from indicators.entry.answers import LABELS, TEXTS
from indicators.entry.scope import expected, value_names
from indicators.models import MeasureType, Missing, Period
from spaser.french import format_number
from spaser.text import storable
from spaser.workbooks import (
    DATE_FORMAT,
    FACE,
    NAVY,
    RED,
    Column,
    add_sheet,
    as_bytes,
    fit_height,
    harmless,
    lock,
    write,
    write_row,
    write_text,
)

INPUTS = (
    "value",
    "numerator",
    "denominator",
    "missing",
    "missing_note",
    "qualifier",
    "comment",
    "as_of",
    "source",
    "unfilled",
)
WIDTHS = {"missing": 15, "missing_note": 22, "comment": 34, "source": 20}
CODE, VERSION, AT_DOWNLOAD, CAMPAIGN = "Code", "Version", "Au téléchargement", "Campagne"
SHEET = "Saisie"
DEMONSTRATION = "DÉMONSTRATION : valeurs inventées"
HEADING_ROW = 3
LONGEST = 32_000  # characters that a cell of a workbook holds
TOO_LONG = "trop long pour une cellule : à modifier dans la fiche"
OPEN_FILL = PatternFill("solid", fgColor="FFF8E6")
LOCKED_FILL, LOCKED_FONT = PatternFill("solid", fgColor="EEF1F4"), Font(name=FACE, size=11, color="52606D")
A3 = 8


def stamp(campaign):
    """The campaign of a file, which another one refuses: « 2026 pas-de-calais-2026 »."""
    return f"{campaign.key} {campaign.scheme.slug}"


def columns_before(campaign):
    """The columns that only inform, up to the cells to fill."""
    half = "" if campaign.period == Period.YEAR else "-S1"
    return [
        Column(CODE, 15),
        Column("Action", 26),
        Column("Indicateur", 36),
        Column("Grandeur", 22),
        Column("Unité", 15),
        Column("Type attendu", 20),
        Column(f"{campaign.year - 2}{half}", 15),
        Column(f"{campaign.year - 1}{half}", 15),
        Column("Cible", 20),
    ]


COLUMNS_OF_INPUTS = [Column(LABELS[name], WIDTHS.get(name, 14)) for name in INPUTS]
COLUMNS_AFTER = [Column("Statut de la fiche", 15), Column(VERSION, 9), Column(AT_DOWNLOAD, 20)]
COLUMNS_AFTER += [Column(CAMPAIGN, 20)]
HIDDEN = {VERSION, AT_DOWNLOAD, CAMPAIGN}


def columns_of(campaign):
    return [*columns_before(campaign), *COLUMNS_OF_INPUTS, *COLUMNS_AFTER]


def told_of(slot, scope):
    """The values of `columns_before`."""
    measure, action = slot.measure, slot.report.action
    return [
        measure.code,
        textwrap.shorten(f"{action.code} {action.title}", 80, placeholder="…"),
        measure.indicator.name,
        measure.label if measure.label != measure.indicator.name else "",
        measure.shown_unit,
        expected(measure),
        scope.former(measure, 2),
        scope.former(measure, 1),
        " ; ".join(str(target) for target in measure.targets.all()),
    ]


def cleaned(text, instead=""):
    """`text` as a workbook gives it back: one sort of line end, `instead` of each control character."""
    return ILLEGAL_CHARACTERS_RE.sub(instead, storable(text).replace("\r\n", "\n").replace("\r", "\n"))


def held(slot):
    """What the input cells of a line hold, as typed: {name: text}, without those that are empty.

    Nothing at all where a cell could not hold it: what is cut would come back as a change.
    """
    texts = {name: cleaned(text) for name in INPUTS if (text := slot.typed[name])}
    return texts if len(_as_json(texts)) <= LONGEST else {}


def _as_json(texts):
    return json.dumps(texts, ensure_ascii=False)


def fits(slot):
    return bool(held(slot)) or not any(slot.typed[name] for name in INPUTS)


def kept_apart(slot, scope):
    """The values of `COLUMNS_AFTER`."""
    status = slot.report.get_status_display()
    told = status if fits(slot) else f"{status} ; {TOO_LONG}"
    return [told, slot.version, _as_json(held(slot)), stamp(scope.campaign)]


def fillable(slot):
    """The names of INPUTS that may be filled on this line now."""
    if slot.refusal or not fits(slot):
        return set()
    names = {*value_names(slot.measure), "missing", "as_of", *TEXTS}
    return names | {"unfilled"} if slot.measure.type == MeasureType.COUNT else names


def campaign_csv(scope):
    """The bytes of the same table as CSV: semicolons, and the mark by which a French Excel knows UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    if scope.campaign.demonstration:
        writer.writerow([DEMONSTRATION])
    writer.writerow([column.heading for column in columns_of(scope.campaign)])
    for slot in scope.own_slots:
        texts = [_plain(name, slot) for name in INPUTS]
        row = [*map(harmless, told_of(slot, scope)), *texts, *kept_apart(slot, scope)]
        writer.writerow(row)
    return out.getvalue().encode("utf-8-sig")


def _plain(name, slot):
    """The text of an input cell of a CSV; a number is one that any program reads."""
    value, _ = _cell(name, slot)
    if isinstance(value, (Decimal, int)):
        return slot.typed[name].replace(" ", "").replace("\u2212", "-")
    return held(slot).get(name, "") if name == "as_of" else harmless(value or "")


def _cell(name, slot):
    """(value, number format) of an input cell, filled or not."""
    reading, measure = slot.reading if fits(slot) else None, slot.measure
    if name == "as_of":
        return (reading.as_of if reading else None), DATE_FORMAT
    if name == "missing":
        return (Missing(reading.missing).label if reading and reading.missing else ""), ""
    if name == "unfilled":
        return (reading.unfilled if reading else None), ""
    if name in ("numerator", "denominator") or (name == "value" and reading and reading.number is not None):
        number = getattr(reading, "number" if name == "value" else name) if reading else None
        decimals = reading.decimals if name == "value" else _significant(number)
        return number, _number_format(measure, name, decimals)
    text = held(slot).get(name, "")
    if name == "value" and measure.type not in (MeasureType.TEXT, MeasureType.CHOICE):
        return text, ""
    return text, "@"  # as text, so that a program makes neither date nor formula of it


def _significant(number):
    return 0 if number is None else len(format_number(number).partition(",")[2])


def _number_format(measure, name, decimals):
    """The decimals typed. No thousands: exported in English, « 1,234 » would be read as a French 1,234.

    A percentage stays General: only so does a program that is given « 12,5 % » mark the cell as shown in per cent,
    by which the reader knows that its 0.125 is 12,5.
    """
    if name == "value" and measure.shown_unit == "%":
        return "General"
    return "0" + ("." + "0" * decimals if decimals else "")


def campaign_workbook(scope):
    """The bytes of the workbook: Saisie, Lisez-moi, Fiches, and the hidden lists of choices."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = f"{scope.campaign.scheme}, campagne {scope.campaign}"
    book.properties.creator = scope.campaign.scheme.organisation.name
    _entry_sheet(book, scope)
    _guide(book, scope)
    _reports(book, scope)
    return as_bytes(book)


def _titled_sheet(book, name, columns, scope):
    """A locked sheet under its title, which says where the values are invented."""
    sheet = add_sheet(book, name, columns, start=HEADING_ROW)
    write_text(sheet.cell(1, 1), f"{scope.campaign.scheme}, campagne {scope.campaign}")
    sheet.cell(1, 1).font = Font(name=FACE, bold=True, size=14, color=NAVY)
    sheet.row_dimensions[1].height, sheet.row_dimensions[HEADING_ROW].height = 24, 32
    if scope.campaign.demonstration:
        write_text(sheet.cell(2, 1), DEMONSTRATION)
        sheet.cell(2, 1).font = Font(name=FACE, bold=True, size=12, color=RED)
    return sheet


def _entry_sheet(book, scope):
    columns = columns_of(scope.campaign)
    sheet = _titled_sheet(book, SHEET, columns, scope)
    helps = _Helps(book, sheet)
    first_input = len(columns_before(scope.campaign)) + 1
    open_cells = []
    for index, slot in enumerate(scope.own_slots, HEADING_ROW + 1):
        for column, value in enumerate(told_of(slot, scope), 1):
            write(sheet.cell(index, column), value)
        may_fill = fillable(slot)
        for column, name in enumerate(INPUTS, first_input):
            cell = sheet.cell(index, column)
            value, number_format = _cell(name, slot)
            write(cell, value)
            cell.number_format = number_format or "General"
            cell.fill = OPEN_FILL if name in may_fill else LOCKED_FILL
            if name in may_fill:
                open_cells.append(cell)
                helps.add(name, slot.measure, cell)
        status, *hidden = kept_apart(slot, scope)
        write(sheet.cell(index, len(columns) - len(HIDDEN)), status)
        if not may_fill:
            for cell in sheet[index]:
                cell.font, cell.fill = LOCKED_FONT, LOCKED_FILL
        fit_height(sheet, index)
        for column, value in enumerate(
            hidden, len(columns) - len(HIDDEN) + 1
        ):  # their length counts for no height
            write(sheet.cell(index, column), value)
    for column, told in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(column)].hidden = told.heading in HIDDEN
    last = HEADING_ROW + max(1, len(scope.own_slots))
    sheet.auto_filter.ref = f"A{HEADING_ROW}:{get_column_letter(len(columns))}{last}"
    sheet.freeze_panes = sheet.cell(HEADING_ROW + 1, 2)
    sheet.page_setup.paperSize = A3
    _protect(sheet, open_cells)
    helps.finish()


def _protect(sheet, open_cells=()):
    lock(sheet, open_cells=open_cells)
    for name in ("autoFilter", "sort", "formatColumns", "formatRows"):
        setattr(sheet.protection, name, False)  # False: the protection does not forbid it


class _Helps:
    """The drop-downs and input messages of the cells to fill, one for all the cells that share it."""

    def __init__(self, book, sheet):
        self.book, self.sheet, self.lists, self.made = book, sheet, {}, {}

    def add(self, name, measure, cell):
        options = self._options(name, measure)
        if options is None:
            return
        key = tuple(sorted(options.items()))
        if key not in self.made:
            self.made[key] = DataValidation(
                allow_blank=True,
                showInputMessage=True,
                showErrorMessage=True,
                errorStyle="warning",
                **options,
            )
        self.made[key].add(cell)

    def _options(self, name, measure):
        if name == "missing":
            return {"type": "list", "formula1": self._range([reason.label for reason in Missing])}
        if name == "as_of":
            bounds = {"formula1": "DATE(1990,1,1)", "formula2": "DATE(2100,12,31)"}
            prompt = "Une date, par exemple 31/12/2026, quand ce n’est pas celle de la fin de la période."
            return {"type": "date", "operator": "between", "prompt": prompt, **bounds}
        if name == "value" and measure.type == MeasureType.BOOLEAN:
            return {"type": "list", "formula1": self._range(["oui", "non"])}
        if name == "value" and measure.type == MeasureType.CHOICE:
            return {"type": "list", "formula1": self._range(measure.choice_list)}
        if name in ("value", "numerator", "denominator") and (prompt := _prompt(name, measure)):
            return {"prompt": textwrap.shorten(prompt, 250, placeholder="…")}
        return None

    def _range(self, words):
        """The place of a list on the hidden sheet, since commas stand in some choices."""
        if (words := tuple(words)) not in self.lists:
            self.lists[words] = get_column_letter(len(self.lists) + 1)
        return f"Listes!${self.lists[words]}$1:${self.lists[words]}${len(words)}"

    def finish(self):
        for validation in self.made.values():
            self.sheet.add_data_validation(validation)
        lists = self.book.create_sheet("Listes")
        lists.sheet_state = "hidden"
        for words, letter in self.lists.items():
            for row, word in enumerate(words, 1):
                write_text(lists[f"{letter}{row}"], word)
        _protect(lists)


def _prompt(name, measure):
    if name == "numerator":
        return measure.numerator_label or "Numérateur : le taux se calcule."
    if name == "denominator":
        return measure.denominator_label or "Dénominateur : le taux se calcule."
    if measure.type == MeasureType.TEXT:
        return ""
    if measure.type == MeasureType.PERCENT and measure.shown_unit == "%":
        return "Pourcentage : tapez 12,5 pour 12,5 %."
    kind = measure.get_type_display().capitalize()
    return f"{kind}, en {measure.unit}." if measure.unit else f"{kind}."


GUIDE = (
    (
        "Remplir",
        "Sur la feuille « Saisie », les cellules de couleur crème se remplissent. Les autres sont verrouillées, sans mot de passe, "
        "pour ne pas être changées par mégarde.",
    ),
    (
        "Un taux",
        "Donnez le numérateur et le dénominateur : le taux se calcule.",
    ),
    (
        "Un pourcentage",
        "Tapez 12,5 pour 12,5 %. Taper « 12,5 % » convient aussi.",
    ),
    (
        "Pas de valeur",
        "Choisissez « non disponible » ou « sans objet », et dites pourquoi. Une donnée absente n’est pas un zéro.",
    ),
    (
        "Effacer",
        "Une cellule remplie au téléchargement et vide au dépôt efface la valeur ; l’aperçu le montre.",
    ),
    (
        "Lignes grises",
        "Leur fiche est soumise ou validée, ou n’est pas ouverte : rien n’y change.",
    ),
    (
        "Déposer",
        "Déposez le fichier sur la page de la campagne (XLSX, ODS ou CSV). Un aperçu montre chaque changement, les erreurs avec leur cellule, "
        "et ce que d’autres ont modifié depuis ; rien n’est enregistré avant votre accord.",
    ),
    (
        "Colonnes et lignes",
        "On peut trier, filtrer, supprimer des lignes ou ajouter des colonnes à soi ; la colonne « Code » reste.",
    ),
    (
        "Le reste de la fiche",
        "L’état de l’action, les textes et les justificatifs se donnent dans la fiche, sur le site ; la fiche s’y soumet aussi.",
    ),
)


def _guide(book, scope):
    sheet = _titled_sheet(book, "Lisez-moi", [Column("Sujet", 24), Column("À savoir", 100)], scope)
    for row in GUIDE:
        write_row(sheet, row)
    _protect(sheet)


def _reports(book, scope):
    columns = [Column("Fiche", 15), Column("Intitulé", 60), Column("Statut", 14), Column("Renseignées", 13)]
    columns += [Column("À renseigner", 13), Column("À savoir", 60)]
    sheet = _titled_sheet(book, "Fiches", columns, scope)
    answered = {report.pk: 0 for report in scope.own_reports}
    lines = dict(answered)
    for slot in scope.own_slots:
        answered[slot.report.pk] += any(slot.typed[name] for name in (*value_names(slot.measure), "missing"))
        lines[slot.report.pk] += 1
    for report in scope.own_reports:
        told = scope.refusals[report.pk] or report.return_reason
        values = [report.action.code, report.action.title, report.get_status_display()]
        write_row(sheet, [*values, answered[report.pk], lines[report.pk] - answered[report.pk], told])
    _protect(sheet)
