"""How values come in: what is typed (`answers`), what it changes (`lines`), what surprises (`plausibility`).

Form, grid, workbook and API are doors to `lines.settle`; none of them writes a reading by itself.
"""
