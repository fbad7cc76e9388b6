"""The printed bilan beside the bare rendering of the same HTML: `.venv/bin/python benchmarks/bilan_pdf.py`.

Needs the development dependencies. Makes the bilan of a scheme of realistic size (27 actions with all sections of their sheets full, 150
measures, foreword, zooms, decisions) once, in a temporary database; then, in turn, prints it with `bilan_pdf` (template, layout,
PDF/UA-1, attached data) and lets WeasyPrint alone print its HTML as PDF/A-3a. Prints the median of both times and their ratio, which
must be at most 1.25.
"""

import gc
import random
from dataclasses import replace
from datetime import date

from bilan_workbook import full_bilan, prose
from common import database, interleaved

ROUNDS = 3
MOST = 1.25


def with_everything(bilan):
    """`bilan` with the parts of which a scheme of the benchmarks has none."""
    from reporting.editions.bilan import Decision, Passage, StepLine, Zoom

    chance = random.Random(2026)
    steps = tuple(StepLine(f"Étape {rank}", "réalisée") for rank in range(1, 4))
    return replace(
        bilan,
        foreword=Passage("Avant-propos", prose(chance)),
        foreword_author="La Présidente du conseil départemental",
        synthesis=prose(chance),
        zooms=tuple(Zoom(sheet.heading, sheet.title, prose(chance)) for sheet in bilan.sheets[:3]),
        decisions=tuple(
            Decision("Comité de pilotage", date(bilan.year, month, 1), prose(chance)) for month in (3, 9)
        ),
        sheets=tuple(replace(sheet, steps=steps) for sheet in bilan.sheets),
    )


def main():
    with database():
        from weasyprint import HTML

        from reporting.editions.bilan_data import bilan_csv, bilan_json
        from reporting.editions.bilan_pdf import bilan_html, bilan_pdf
        from reporting.editions.pdf import StaticFetcher, theme_of

        bilan = with_everything(full_bilan())
        html, made = bilan_html(bilan), {".json": bilan_json(bilan), ".csv": bilan_csv(bilan)}

        def bare():
            page = HTML(string=html, base_url="static:", url_fetcher=StaticFetcher())
            theme = theme_of(bilan.imprint.accent)
            return page.write_pdf(stylesheets=[theme], pdf_variant="pdf/a-3a", pdf_tags=True)

        ours, plain = bilan_pdf(bilan, made), bare()
        gc.freeze()  # what is loaded by now is nothing that either of them should look through
        whole, alone = interleaved(ROUNDS, lambda: bilan_pdf(bilan, made), bare)
        print(
            f"bilan of {bilan.counted} actions, {len(html) / 1000:.0f} kB of HTML (medians of {ROUNDS} rounds)"
        )
        print(f"bilan_pdf       {whole:8.0f} ms   {len(ours) / 1000:.0f} kB, data attached")
        print(f"bare rendering  {alone:8.0f} ms   {len(plain) / 1000:.0f} kB")
        print(f"ratio           {whole / alone:8.2f}   at most {MOST}")


if __name__ == "__main__":
    main()
