"""Writes the workbook: empty with an example, or with a scheme of the site, for its authors to change."""

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from actions.models import SchemeDocument
from indicators.document.source import blank_of
from indicators.document.stored import stored_rows
from indicators.plan_workbook.cells import cell_of
from indicators.plan_workbook.layout import (
    EMPTY_LABEL,
    INTEGER,
    NUMBER,
    README,
    SCHEME,
    SCHEME_ROWS,
    SHEETS,
    UNHELD,
    YES_NO,
)
from spaser import workbooks

WIDE = 220  # characters; beyond, one page would be too small to read
ROOM = 500  # rows for which the drop-down lists are there, beyond those that are written
LEFT = Alignment(vertical="top", horizontal="left", wrap_text=True)
NOTE_FONT = Font(name=workbooks.FACE, size=10, italic=True, color="5B6B7A")

README_TEXTS = (
    ("Ce classeur", "Il contient un schéma (SPASER) entier : on l’enregistre, on le remplit, puis on le charge sur le site, page « Charger un plan ». Avant que rien ne soit enregistré, le site montre le plan qu’il en ferait et nomme chaque erreur par sa feuille et sa cellule."),
    ("Feuilles", "Schéma (une ligne par renseignement), puis une ligne par direction, instance, poste de ventilation, pilier, objectif, action ou volet, étape, participation, indicateur, grandeur, cible et passage. Une feuille qui ne sert pas reste vide ; ne la supprimez pas."),
    ("Colonnes", "La deuxième ligne explique chaque colonne ; elle n’est pas lue. L’ordre des colonnes est libre, leurs intitulés non."),
    ("Exemple", "Les lignes dont la première cellule commence par « exemple » ne sont pas lues : gardez-les ou supprimez-les."),
    ("Codes", "Lettres sans accent, chiffres, « - » et « . ». Choisissez-les une fois : une ligne est retrouvée par son code, et un code qui change fait une autre ligne. Le premier niveau s’appelle ici « pilier », le deuxième « objectif » et le troisième « action », quels que soient leurs noms dans le schéma."),
    ("Mot pour mot", "Les intitulés et les textes sont ceux du document. Ce qu’il laisse obscur se dit dans « À éclaircir »."),
    ("Ordre", "L’ordre des lignes est celui du document."),
    ("Nombres", "1 234,56 ou 1234.56 ; « % » et « € » sont compris. Les cases de valeur se laissent vides quand le document ne donne pas de nombre."),
    ("Ce qui n’y est pas", f"Le classeur ne contient pas {UNHELD}. Charger le classeur n’y touche pas."),
)  # fmt: skip


def plan_workbook(organisation, scheme=None):
    """The bytes of the workbook: with `scheme`, all its lines, whoever wrote them; otherwise with an example."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title = f"{scheme.title}, plan" if scheme else "Modèle de plan"
    book.properties.creator = organisation.name
    _readme(book, organisation, scheme)
    lines = _lines(organisation, scheme) if scheme else {}
    _scheme_sheet(book, lines.get("scheme", [{}])[0], example=scheme is None)
    for layout in SHEETS:
        _sheet(book, layout, lines.get(layout.level, []), example=scheme is None)
    return workbooks.as_bytes(book)


def _readme(book, organisation, scheme):
    sheet = workbooks.add_sheet(
        book, README, [workbooks.Column("Sujet", 24), workbooks.Column("À savoir", 110)]
    )
    sheet.auto_filter.ref = None
    workbooks.write_row(sheet, ["Collectivité", organisation.name])
    if scheme:
        workbooks.write_row(sheet, ["Schéma", str(scheme)])
    for row in README_TEXTS:
        workbooks.write_row(sheet, row)


def _scheme_sheet(book, values, *, example):
    columns = [workbooks.Column(heading, width) for heading, width in (("Rubrique", 32), ("Valeur", 60))]
    columns += [workbooks.Column("À savoir", 60)] + [workbooks.Column("Exemple", 44)] * example
    sheet = workbooks.add_sheet(book, SCHEME, columns)
    sheet.auto_filter.ref = None
    for column in SCHEME_ROWS:
        workbooks.write_row(
            sheet, [column.heading, _shown(column, values.get(column.key), "scheme"), column.note]
        )
        row = sheet.max_row
        sheet.cell(row, 1).font = Font(name=workbooks.FACE, size=11, bold=True)
        sheet.cell(row, 3).font = NOTE_FONT
        sheet.cell(row, 2).alignment = LEFT
        if column.kind not in (INTEGER, "date"):
            sheet.cell(row, 2).number_format = "@"
        if example:
            workbooks.write(sheet.cell(row, 4), column.example)
            sheet.cell(row, 4).font, sheet.cell(row, 4).alignment = NOTE_FONT, LEFT


def _sheet(book, layout, lines, *, example):
    columns = [workbooks.Column(column.heading, column.width) for column in layout.columns]
    sheet = workbooks.add_sheet(book, layout.name, columns)
    sheet.freeze_panes = "B3"  # the headings, what they mean, and the code
    sheet.print_title_rows = "1:2"
    sheet.row_dimensions[1].height = 2 * workbooks.LINE_HEIGHT
    if sum(column.width for column in columns) > WIDE:  # two A3 pages side by side, both with the codes
        sheet.page_setup.paperSize, sheet.page_setup.fitToWidth = sheet.PAPERSIZE_A3, 2
        sheet.print_title_cols = "A:A"
    for index, column in enumerate(layout.columns, 1):
        if column.kind not in (INTEGER, NUMBER):
            # as text, or a program would make 1.1 of the code « 1.10 »
            sheet.column_dimensions[get_column_letter(index)].number_format = "@"
    _grey_row(sheet, [column.note for column in layout.columns])
    if example:
        _grey_row(sheet, [column.example for column in layout.columns])
    for line in lines:
        workbooks.write_row(
            sheet, [_shown(column, line.get(column.key), layout.level) for column in layout.columns]
        )
        for cell, column in zip(sheet[sheet.max_row], layout.columns, strict=True):
            if column.kind not in (INTEGER, NUMBER):
                cell.number_format = "@"
    _lists(sheet, layout, last=sheet.max_row + ROOM)


def _grey_row(sheet, texts):
    workbooks.write_row(sheet, texts)
    for cell in sheet[sheet.max_row]:
        cell.font = NOTE_FONT


def _lists(sheet, layout, *, last):
    """The drop-down lists: of words, which nothing else may replace, and of codes, which one may also type."""
    for index, column in enumerate(layout.columns, 1):
        letter = get_column_letter(index)
        if column.choices or column.kind == YES_NO:
            words = [label for _, label in column.choices] or ["oui", "non"]
            rule = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
            rule.errorTitle, rule.error = column.heading, "Choisissez dans la liste."
        elif column.cites:
            rule = DataValidation("list", formula1=f"'{column.cites}'!$A$3:$A${last}", allow_blank=True)
            rule.showErrorMessage = False
        else:
            continue
        rule.add(f"{letter}3:{letter}{last}")
        sheet.add_data_validation(rule)


def _shown(column, value, level):
    if level == "scheme" and value == "" and column.key in ("purpose_label", "implementation_label"):
        return EMPTY_LABEL
    return cell_of(column, value)


def _lines(organisation, scheme):
    """{level: [{key: value}]} of all rows of the scheme, in the order of its tree."""
    rows, keys = stored_rows(organisation, scheme)
    spoken_of = SchemeDocument.objects.filter(scheme=scheme).values_list("entries", flat=True).first() or {}
    involved = {s.serialised(keys)["direction"] for s in rows.values() if s.level.name == "involvement"}
    order, lines = {}, {}
    for key, stored in rows.items():
        above = order.get(stored.parent_key, ())
        rank = getattr(stored.instance, "position", 0)
        order[key] = (*above, (stored.level.name, rank, len(order)))
    for key in sorted(rows, key=order.get):
        stored = rows[key]
        name = stored.level.name
        if name == "direction" and key not in spoken_of and key not in involved:
            continue
        lines.setdefault(name, []).append(_line(stored, rows, keys))
    items = lines.pop("item", [])
    lines["item"] = [row for one in lines.pop("breakdown", []) for row in _breakdown_rows(one, items)]
    sources = lines.pop("source", [])
    for measure in lines.get("measure", []):
        measure["sources"] = [row["source"] for row in sources if row["measure"] == measure["code"]]
    return lines


def _line(stored, rows, keys):
    """The values of one row by key, and the code of what it hangs on under the name of that level."""
    line = {name: getattr(stored.instance, name) for name in stored.level.fields}
    for name, value in stored.serialised(keys).items():
        if name in dict(stored.level.refs):
            line[name] = _code(value)
    for name in stored.level.fields:
        field = stored.level.field(name)
        if line[name] == blank_of(field) and stored.level.name != "scheme":
            line[name] = None
    parent = rows.get(stored.parent_key)
    if parent and parent.level.name != "organisation":
        level = stored.level.name
        above = "parent" if parent.level.name == level else parent.level.name
        line[above] = _code(stored.parent_key)
        if level == "passage":
            line |= {"owner": parent.level.name, "owner_code": "" if above == "scheme" else line[above]}
        if level == "step" and above == "parent":
            line["action"] = stored.instance.action.code
    return line


def _code(key):
    """« direction DAJ < organisation x » → « DAJ »."""
    return key.split(" < ")[0].partition(" ")[2]


def _breakdown_rows(breakdown, items):
    own = [item for item in items if item["breakdown"] == breakdown["code"]] or [{}]
    head = {
        "breakdown": breakdown["code"],
        "breakdown_name": breakdown["name"],
        "open": breakdown["open"],
        "breakdown_note": breakdown["source_note"],
    }
    return [
        {**item, **(head if rank == 0 else {"breakdown": breakdown["code"]})} for rank, item in enumerate(own)
    ]
