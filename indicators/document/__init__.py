"""A scheme as one readable YAML document: read, merged into the database, printed back.

`levels` says how the document is nested and what each level holds; `source` reads YAML and finds what is wrong
with it, line by line; `merge` brings it into the database; `export` prints it back.
"""
