"""The workbook of a bilan beside the bare writing of the same cells: `.venv/bin/python benchmarks/bilan_workbook.py`.

Needs the development dependencies. Makes the bilan of a scheme of realistic size (27 actions with all sections of their sheets full, 150
measures) once, in a temporary database; then writes its workbook, and writes every value of that workbook again with XlsxWriter alone
(the same sheets, strings and numbers, without formats, widths, heights, charts or print set-up), in turn, and prints the median of both
times and their ratio.
"""

import gc
import random
from dataclasses import replace
from datetime import datetime
from io import BytesIO

from common import ROOT, YEARS, database, interleaved, make_scheme

ROUNDS = 25
SECTIONS = ("purpose", "realisation", "effectiveness", "analysis", "outlook")
LENGTH = 700  # characters of a section, those of a long one of the bilan of 2017
WORDS = (ROOT / "fixtures" / "pas-de-calais-2017.yaml").read_text(encoding="utf-8").split()


def full_bilan():
    from reporting.editions.build import build_bilan

    scheme, _ = make_scheme()
    bilan = build_bilan(scheme, year=YEARS[-1])
    chance = random.Random(2026)
    return replace(
        bilan,
        sheets=tuple(
            replace(sheet, **{section: prose(chance) for section in SECTIONS}) for sheet in bilan.sheets
        ),
    )


def prose(chance):
    """A section like no other, in three paragraphs."""
    text = " ".join(chance.choices(WORDS, k=LENGTH // 6))
    third = LENGTH // 3
    return "\n\n".join((text[:third], text[third : 2 * third], text[2 * third :]))


def cells_of(workbook):
    """[(name of a sheet, [(row, column, value)])], as they are read back."""
    from openpyxl import load_workbook

    return [
        (
            sheet.title,
            [
                (cell.row - 1, cell.column - 1, cell.value)
                for row in sheet.iter_rows()
                for cell in row
                if cell.value is not None
            ],
        )
        for sheet in load_workbook(BytesIO(workbook))
    ]


def bare(sheets):
    from xlsxwriter import Workbook

    out = BytesIO()
    book = Workbook(out, {"in_memory": True})
    for name, cells in sheets:
        sheet = book.add_worksheet(name)
        for row, column, value in cells:
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(row, column, value)
            else:
                sheet.write_number(row, column, value)
    book.close()
    return out.getvalue()


if __name__ == "__main__":
    with database() as vendor:
        from reporting.editions.bilan_workbook import bilan_workbook

        bilan = full_bilan()
        ours = bilan_workbook(bilan)
        sheets = cells_of(ours)
        count = sum(len(cells) for _, cells in sheets)
        gc.freeze()  # what is loaded by now is nothing that either of them should look through
        whole, plain = interleaved(ROUNDS, lambda: bilan_workbook(bilan), lambda: bare(sheets))
        print(f"workbook of {len(bilan.sheets)} actions, {count} cells (medians of {ROUNDS} rounds)")
        print(f"workbook      {whole:8.1f} ms   {len(ours) / 1000:.0f} kB")
        print(f"bare writing  {plain:8.1f} ms")
        print(f"ratio         {whole / plain:8.2f}")
