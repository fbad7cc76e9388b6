"""Rows for the API in one query a table, without an object for each: the columns are those of a serializer.

What a serializer makes of thousands of rows, one field at a time, takes longer than all the rest of a request.
"""

from django.db.models import Aggregate, JSONField, OuterRef, Subquery
from django.db.models.functions import JSONObject
from rest_framework import serializers

from spaser.api.fields import NumberField, as_number


class JSONRows(Aggregate):
    """The rows of a group as a list of JSON objects, in no order."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, function="JSONB_AGG", **extra)


def rows_of(related, link, **columns):
    """A column with the rows of `related` (a queryset) that point at this one by `link`, as [{name: value}]; None for none."""
    grouped = related.filter(**{link: OuterRef("pk")}).order_by().values(link)
    return Subquery(grouped.annotate(json_rows=JSONRows(JSONObject(**columns))).values("json_rows"))


def table(queryset, serializer, **more):
    """[{name: JSON value}] of the plain fields of a serializer, in one query; `more` are {name: path} beside them."""
    fields = serializer().fields
    plain = {name: field for name, field in fields.items() if _is_plain(field)}
    paths = [field.source.replace(".", "__") for field in plain.values()] + list(more.values())
    names = [*plain, *more]
    converted = [
        (index, _converter(field)) for index, field in enumerate(plain.values()) if _converter(field)
    ]
    found = []
    for row in queryset.values_list(*paths):
        values = list(row)
        for index, convert in converted:
            if values[index] is not None:
                values[index] = convert(values[index])
        found.append(dict(zip(names, values, strict=True)))
    return found


def _is_plain(field):
    return not isinstance(field, serializers.BaseSerializer | serializers.SerializerMethodField)


def _converter(field):
    if isinstance(field, NumberField):
        return as_number
    if isinstance(field, serializers.DateField | serializers.DateTimeField):
        return field.to_representation
    return None
