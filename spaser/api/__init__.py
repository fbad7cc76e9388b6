"""What every resource of the REST API shares; it knows none of them.

Errors as problem details, exact numbers both ways, CSV, pages, conditional requests, throttling, and what the published
schema says of all this. Why it is built so: docs/decisions/0009-api.md.
"""
