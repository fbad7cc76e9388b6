"""The explorer of a scheme's indicators beside the bare queries that it needs: `.venv/bin/python benchmarks/explorer.py`.

Needs the development dependencies. Makes a scheme of realistic size (27 actions, 150 measures, 8 years) in a temporary SQLite
database, or in a test database of the PostgreSQL server that DATABASE_URL names; then fetches the page through Django's test client and
executes the same SQL with a cursor, in turn, and prints the median of both times, their ratio and the number of queries.
"""

from common import compare

if __name__ == "__main__":
    compare(lambda scheme: f"/schemas/{scheme.slug}/indicateurs/")
