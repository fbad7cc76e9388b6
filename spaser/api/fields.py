"""Fields of the answers that the framework has not."""

from decimal import Decimal

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


def as_number(value):
    """A Decimal as a JSON number. With 15 significant digits at most, it is read back as the same decimal."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


@extend_schema_field(OpenApiTypes.DOUBLE)
class NumberField(serializers.Field):
    """A Decimal, as a JSON number."""

    def __init__(self, **options):
        super().__init__(read_only=True, **options)

    def to_representation(self, value):
        return as_number(Decimal(value))


class CodeField(serializers.CharField):
    """The code of a related row (`source="objective.code"`), null when there is none."""

    def __init__(self, source, **options):
        super().__init__(read_only=True, source=source, **({"allow_null": True} | options))
