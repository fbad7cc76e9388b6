"""The name, logo and colour of an organisation: who sets them, what is refused, who sees them, and on which pages."""

import io
import itertools
import re
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import Image

from actions.appearance import DARK, LIGHT, contrast, luminance, mix, palette, read_colour, theme_css
from actions.logos import MAX_BYTES, change_logo, png_of
from actions.pictures import RefusedPicture
from tests.factories import EditionFactory, MembershipFactory, OrganisationFactory, SchemeFactory

URL = "/collectivites/departement/apparence/"
THEME = "/collectivites/departement/theme.css"
LOGO = "/collectivites/departement/logo/"
EVERY_COLOUR = ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in itertools.product(range(0, 256, 51), repeat=3)]


def picture(size=(600, 100), kind="PNG", mode="RGB", name="Mon logo.png"):
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind)
    return SimpleUploadedFile(name, out.getvalue())


# Colours


def test_contrast_is_that_of_wcag():
    assert luminance("#000000") == 0
    assert luminance("#ffffff") == pytest.approx(1)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(
        4.54, abs=0.01
    )  # the lightest grey that is text on white
    assert contrast("#ffffff", "#767676") == contrast("#767676", "#ffffff")


def test_colours_are_mixed_channel_by_channel():
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#102030", "#ffffff", 0) == "#102030"


@pytest.mark.parametrize(
    ("text", "colour"),
    [("#1F5380", "#1f5380"), ("1f5380", "#1f5380"), (" #abcdef ", "#abcdef")]
    + [(wrong, None) for wrong in ("", "red", "#12345", "#1234567", "#12345g", "#12345\u0661", "#1f5380;}")],
)
def test_a_colour_is_read(text, colour):
    assert read_colour(text) == colour


def test_a_colour_that_is_readable_is_kept():
    assert palette("#1f5380")["accent"] == palette("#1f5380")["accent-fill"] == "#1f5380"


@pytest.mark.parametrize("dark", [False, True])
def test_whatever_colour_is_chosen_stays_readable(dark):
    theme = DARK if dark else LIGHT
    for colour in EVERY_COLOUR:
        found = palette(colour, dark=dark)
        for ground in (theme["paper"], theme["surface"], found["accent-soft"]):
            assert contrast(found["accent"], ground) >= 4.5, colour
            assert contrast(found["accent-strong"], ground) >= 4.5, colour
        for ground in (theme["paper"], theme["surface"]):
            assert contrast(found["accent-fill"], ground) >= 3, colour
        for fill in ("accent-fill", "accent-fill-hover"):
            assert contrast(found["on-accent"], found[fill]) >= 4.5, colour
        for text in ("ink", "ink-soft"):
            assert contrast(theme[text], found["accent-soft"]) >= 4.5, colour


def test_the_theme_holds_custom_properties_only():
    assert re.fullmatch(
        r":root\{(--[a-z-]+:#[0-9a-f]{6};){6}\}\n"
        r"@media screen and \(prefers-color-scheme:dark\)\{:root\{(--[a-z-]+:#[0-9a-f]{6};){6}\}\}\n",
        theme_css("#ffcc00"),
    )


# Logos


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "CMYK"), ("JPEG", "L"), ("WEBP", "RGB")]
)
def test_a_picture_becomes_a_small_png(kind, mode):
    made = Image.open(io.BytesIO(png_of(picture((960, 200), kind, mode))))
    assert (made.format, made.size) == ("PNG", (480, 100))


def test_nothing_of_the_file_but_its_points_is_kept():
    out, exif = io.BytesIO(), Image.Exif()
    exif[315] = "Auteur secret"
    Image.new("RGB", (40, 20), "blue").save(out, "JPEG", exif=exif, comment=b"remarque secrete")
    made = png_of(SimpleUploadedFile("a.jpg", out.getvalue()))
    assert b"secret" in out.getvalue()
    assert b"secret" not in made


def png_header(width, height):
    """The beginning of a PNG that says it is of this size, whatever follows."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    ihdr = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + ihdr + struct.pack(">I", 9) + b"IDAT"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'<?xml version="1.0"?><SVG xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"GIF89a", "PNG, JPEG ou WebP"),
        (b"%PDF-1.7", "PNG, JPEG ou WebP"),
        (png_header(30, 30), "PNG, JPEG ou WebP"),
        (picture().read()[:200], "PNG, JPEG ou WebP"),
        (png_header(40_000, 40_000), "trop de points"),
        (png_header(12_000, 9_000), "trop de points"),
        (png_header(4_000, 3_001), "trop de points"),
        (b"\x89PNG" + bytes(MAX_BYTES), "2 Mo"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_in_french(content, said):
    with pytest.raises(RefusedPicture, match=said):
        png_of(SimpleUploadedFile("logo.png", content))


# The page


@pytest.fixture
def steering_client(client, steering):
    client.force_login(steering)
    return client


def test_the_steering_team_sets_name_colour_and_logo(steering_client, organisation):
    data = {"name": "Département modèle", "accent": "#B5179E", "new_logo": picture()}
    response = steering_client.post(URL, data, follow=True)
    organisation.refresh_from_db()
    assert (organisation.name, organisation.accent) == ("Département modèle", "#b5179e")
    assert re.fullmatch(r"logos/[0-9a-f]{32}\.png", organisation.logo.name)
    page = response.content.decode()
    assert "L’apparence est enregistrée." in page
    assert f'{THEME}?couleur=b5179e"' in page
    assert f'src="{LOGO}?v={organisation.logo_version}"' in page


@pytest.mark.django_db(transaction=True)
def test_a_new_logo_takes_the_place_of_the_former_one(steering_client, organisation):
    names = []
    for _ in range(2):
        steering_client.post(URL, {"name": "Département", "accent": "", "new_logo": picture()})
        organisation.refresh_from_db()
        names.append(organisation.logo.name)
    assert [default_storage.exists(name) for name in names] == [False, True]
    steering_client.post(URL, {"name": "Département", "accent": "", "remove_logo": "on"})
    organisation.refresh_from_db()
    assert organisation.logo.name == ""
    assert not default_storage.exists(names[1])
    assert steering_client.get(LOGO).status_code == 404


def test_a_colour_is_tried_without_being_kept(steering_client, organisation):
    response = steering_client.post(URL, {"name": "Autre nom", "accent": "#b5179e", "preview": "1"})
    page = response.content.decode()
    assert "rien n’est encore enregistré" in page
    assert f'{THEME}?couleur=b5179e"' in page
    organisation.refresh_from_db()
    assert (organisation.name, organisation.accent) == ("Département", "")


def test_what_is_wrong_is_said_all_at_once_and_nothing_changes(steering_client, organisation):
    svg = SimpleUploadedFile("logo.svg", b"<svg/>", "image/svg+xml")
    response = steering_client.post(URL, {"name": "", "accent": "bleu", "new_logo": svg})
    assert set(response.context["form"].errors) == {"name", "accent", "new_logo"}
    page = response.content.decode()
    assert "Un SVG peut contenir des scripts" in page
    assert 'value="bleu"' in page
    assert "par exemple #1f5380" in page
    organisation.refresh_from_db()
    assert (organisation.name, organisation.accent, organisation.logo.name) == ("Département", "", "")


# What pages ask for


def test_a_theme_whose_colour_is_in_its_address_is_kept_for_good(steering_client):
    named = steering_client.get(THEME, {"couleur": "b5179e"})
    assert named.content.decode() == theme_css("#b5179e")
    assert "immutable" in named["Cache-Control"]
    assert "private" in named["Cache-Control"]


def test_a_theme_is_of_the_organisation_s_colour_where_none_is_named(steering_client, organisation):
    assert steering_client.get(THEME).content == b""
    organisation.accent = "#b5179e"
    organisation.save()
    for asked in ("", "rouge", "fff;}body{display:none"):
        answer = steering_client.get(THEME, {"couleur": asked})
        assert answer.content.decode() == theme_css("#b5179e")
        assert "no-cache" in answer["Cache-Control"]


def test_a_logo_is_sent_as_a_picture(steering_client, organisation):
    change_logo(organisation, png_of(picture()))
    answer = steering_client.get(LOGO, {"v": organisation.logo_version})
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert Image.open(io.BytesIO(answer.content)).size == (480, 80)


def test_who_has_no_account_sees_them_once_something_is_published(client, organisation):
    change_logo(organisation, png_of(picture()))
    edition = EditionFactory(organisation=organisation, public=False)
    assert [client.get(url).status_code for url in (THEME, LOGO)] == [404, 404]
    type(edition).objects.filter(pk=edition.pk).update(public=True)
    EditionFactory(organisation=organisation, public=True)
    assert [client.get(url).status_code for url in (THEME, LOGO)] == [200, 200]


# Whose page it is


def header(response):
    return re.search(r'<a class="brand".*?</a>', response.content.decode(), flags=re.S)[0]


def test_a_page_carries_its_organisation_and_others_that_of_the_user(client, steering, organisation, scheme):
    client.force_login(steering)
    assert "Département" in header(client.get(scheme.get_absolute_url()))
    assert "Département" in header(client.get("/rappels/", follow=True))
    other = SchemeFactory(organisation=OrganisationFactory(name="Région"))
    MembershipFactory(user=steering, organisation=other.organisation)
    assert "Région" in header(client.get(other.get_absolute_url()))
    assert "Département" not in header(client.get("/schemas/"))  # of two organisations, neither


def test_the_login_page_carries_none(client, organisation):
    assert "Département" not in header(client.get("/connexion/"))


@override_settings(DEMO=True)
def test_the_style_page_is_shown_in_the_demonstration(client, db):
    page = client.get("/style/").content.decode()
    for shown in ("badge-on_the_way", "figure-card", "timeline", "accent-soft", "16,1"):
        assert shown in page
    assert "trop faible" not in page


def test_the_style_page_is_nowhere_else(client, db):
    assert client.get("/style/").status_code == 404
