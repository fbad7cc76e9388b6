"""Files that rows point at, once the rows are gone."""

from django.db import transaction


def delete_once_committed(file):
    """Take the stored `file` of a file field, if there is one, off the disk once the transaction is committed.

    A disk that refuses is logged: what the rows say stands, and the caller must not take it for a failure.
    """
    storage, name = file.storage, file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name), robust=True)
