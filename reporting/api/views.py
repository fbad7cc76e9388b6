"""Published editions: what anyone reads when they are public, and from any site."""

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch
from rest_framework import serializers

from reporting.models import Edition, EditionFile
from spaser.api.fields import CodeField
from spaser.api.filters import CodeFilter, FilterSet, TrueOrFalseFilter, YearFilter, ordered_by
from spaser.api.views import ItemView, ListView, OpenToAll


class EditionFileSerializer(serializers.ModelSerializer):
    """Un fichier d’une édition. Le CSV et le JSON d’une édition publique se lisent de tout site."""

    address = serializers.SerializerMethodField(help_text="Où il se télécharge.")

    class Meta:
        model = EditionFile
        fields = ["name", "content_type", "size", "sha256", "address"]
        read_only_fields = fields

    def get_address(self, file) -> str:
        return f"{settings.SITE_URL}{file.get_absolute_url()}"


class EditionSerializer(serializers.ModelSerializer):
    """Une version d’une édition publiée. Elle ne change plus ; une correction est une version de plus."""

    organisation = CodeField("organisation.slug", help_text="La collectivité.", allow_null=False)
    organisation_name = CodeField(
        "organisation.name", help_text="Le nom de la collectivité.", allow_null=False
    )
    page = serializers.SerializerMethodField(help_text="La page de cette version, pour de bon.")
    files = EditionFileSerializer(many=True, read_only=True)

    class Meta:
        model = Edition
        fields = [
            "organisation",
            "organisation_name",
            "slug",
            "version",
            "kind",
            "title",
            "first_year",
            "last_year",
            "public",
            "published_at",
            "correction_note",
            "page",
            "files",
        ]
        read_only_fields = fields

    def get_page(self, edition) -> str:
        return f"{settings.SITE_URL}{edition.get_absolute_url()}"


class EditionFilters(FilterSet):
    organisation = CodeFilter("organisation__slug", "La collectivité.")
    edition = CodeFilter("slug", "L’identifiant commun aux versions d’une même édition.")
    first_year = YearFilter("first_year", "La première année des données.")
    last_year = YearFilter("last_year", "La dernière année des données.")
    latest = TrueOrFalseFilter(
        method="are_latest", label="La dernière version de chacune, ou celles qu’elle remplace."
    )
    ordering = ordered_by(published_at="published_at", version="version")

    class Meta:
        model = Edition
        fields = ["kind", "public"]

    def are_latest(self, queryset, name, value):
        """Of those that the reader sees: a later version that is kept from him replaces nothing."""
        later = Edition.objects.visible_to(self.request.user).filter(
            organisation=OuterRef("organisation"), slug=OuterRef("slug"), version__gt=OuterRef("version")
        )
        return queryset.filter(~Exists(later) if value else Exists(later))


class Editions(OpenToAll):
    tag, resource = "Éditions", "editions"
    queryset = Edition.objects.none()
    serializer_class = EditionSerializer

    def get_queryset(self):
        rows = Edition.objects.visible_to(self.request.user).select_related("organisation").defer("data")
        files = EditionFile.objects.order_by("name", "pk").select_related("edition__organisation")
        return rows.prefetch_related(Prefetch("files", queryset=files.defer("edition__data")))


class EditionList(Editions, ListView):
    """Les éditions publiées : sans clé, celles qui sont publiques ; avec, celles de votre collectivité aussi."""

    filterset_class = EditionFilters


class EditionItem(Editions, ItemView):
    """Une version d’une édition."""

    operation = "get_edition_version"
    lookup = (("organisation", "organisation__slug"), ("edition", "slug"), ("version", "version"))


class EditionLatest(Editions, ItemView):
    """La dernière version d’une édition."""

    operation = "get_edition"
    lookup = (("organisation", "organisation__slug"), ("edition", "slug"))

    def get_queryset(self):
        return super().get_queryset().order_by("-version")
