"""A plan as a workbook: what `indicators.document` reads and writes as YAML, for people who keep spreadsheets."""
