"""The zooms of a bilan: text, and a picture that is made again, described, and gone from the disk when it is replaced."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from PIL import Image

from actions.pictures import RefusedPicture
from indicators.models import Highlight
from indicators.pictures import MAX_BYTES, jpeg_of
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def team(client, steering):
    client.force_login(steering)
    return client


@pytest.fixture
def campaign(scheme):
    return make.CampaignFactory(scheme=scheme, year=2026)


@pytest.fixture
def draft(scheme, campaign):
    return make.EditionDraftFactory(scheme=scheme, title="Bilan 2026")


@pytest.fixture
def action(scheme):
    return make.ActionFactory(objective__pillar__scheme=scheme, code="A-1", title="Réemployer")


@pytest.fixture
def add(draft):
    return f"/editions/preparation/{draft.pk}/zooms/ajouter/"


def picture(size=(64, 48), kind="JPEG", mode="RGB", name="IMG_0042.jpg", **options):
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **options)
    return SimpleUploadedFile(name, out.getvalue())


def at(draft, zoom, page=""):
    return f"/editions/preparation/{draft.pk}/zooms/{zoom.pk}/{page}"


def text(response):
    return re.sub("\N{NO-BREAK SPACE}|\N{NARROW NO-BREAK SPACE}|&nbsp;", " ", response.content.decode())


def files_of(media):
    return [path for path in media.rglob("*") if path.is_file()]


# The picture


def test_a_picture_becomes_a_jpeg_of_1600_points():
    made = Image.open(io.BytesIO(jpeg_of(picture((3200, 2400)))))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (1600, 1200))


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "P"), ("PNG", "L"), ("JPEG", "CMYK"), ("WEBP", "RGB")])
def test_any_picture_that_is_read_becomes_a_jpeg(kind, mode):
    made = Image.open(io.BytesIO(jpeg_of(picture(kind=kind, mode=mode))))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (64, 48))


def test_what_is_transparent_becomes_white():
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(out, "PNG")
    made = Image.open(io.BytesIO(jpeg_of(SimpleUploadedFile("a.png", out.getvalue()))))
    assert min(made.getpixel((4, 4))) > 250


def test_nothing_of_the_camera_is_kept_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "Chez Anne Martin"
    made = jpeg_of(picture((64, 48), exif=exif))
    again = Image.open(io.BytesIO(made))
    assert again.size == (48, 64)
    assert not again.getexif()
    assert b"Anne Martin" not in made


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jpg", b"x" * (MAX_BYTES + 1), "dépasse 10 Mo"),
        ("a.svg", b"<svg/>", "dessin SVG"),
        ("a.jpg", b"GIF89a", "n’est pas une image lisible"),
        ("a.jpg", b"", "n’est pas une image lisible"),
    ],
)
def test_what_is_no_picture_is_refused(name, content, said):
    with pytest.raises(RefusedPicture, match=said):
        jpeg_of(SimpleUploadedFile(name, content))


def test_a_picture_of_too_many_points_is_refused_before_it_is_decoded():
    with pytest.raises(RefusedPicture, match="25 millions de points au plus"):
        jpeg_of(picture((5001, 5000), "PNG", "1"))


def test_a_picture_that_is_cut_short_is_refused():
    whole = picture((640, 480), "PNG").read()
    with pytest.raises(RefusedPicture, match="n’est pas une image lisible"):
        jpeg_of(SimpleUploadedFile("a.png", whole[: len(whole) // 2]))


# Adding one


def test_a_zoom_is_added_last(team, draft, campaign, action, add):
    make.HighlightFactory(campaign=campaign, position=4)
    sent = {
        "action": "A-1",
        "title": "",
        "text": "Deux cents meubles.\r\n\r\nEt des bureaux.",
        "new_picture": picture(),
        "picture_alt": "Des chaises repeintes dans un atelier",
        "picture_credit": "Service communication",
        "position": "",
    }
    response = team.post(add, sent, follow=True)
    assert response.redirect_chain == [(f"{draft.get_absolute_url()}#zooms", 302)]
    zoom = Highlight.objects.get(action=action)
    assert (zoom.campaign, zoom.position, zoom.origin) == (campaign, 5, "site")
    assert zoom.text == "Deux cents meubles.\n\nEt des bureaux."
    assert zoom.picture_alt == "Des chaises repeintes dans un atelier"
    assert re.fullmatch(r"highlights/[0-9a-f]{32}\.jpg", zoom.picture.name)
    page = text(response)
    assert f'<img src="{at(draft, zoom, "image.jpg")}" alt="Des chaises repeintes dans un atelier"' in page
    shown = team.get(at(draft, zoom, "image.jpg"))
    assert shown["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(shown.getvalue())).size == (64, 48)


def test_the_actions_of_the_year_are_offered(team, scheme, action, add):
    make.ActionFactory(objective=action.objective, code="A-2", valid_from=2027)
    make.ActionFactory(code="A-3")  # of another scheme
    offered = team.get(add).context["form"].fields["action"].queryset
    assert [row.code for row in offered] == ["A-1"]


def test_all_errors_are_said_at_once_and_what_is_typed_stays(team, action, add, media):
    sent = {
        "action": "A-9",
        "title": "Le réemploi",
        "text": " ",
        "new_picture": picture(),
        "picture_alt": "",
        "position": "premier",
    }
    response = team.post(add, sent)
    assert set(response.context["form"].errors) == {"action", "text", "picture_alt", "position"}
    page = text(response)
    assert 'value="Le réemploi"' in page
    assert "Dites ce que montre l’image" in page
    assert "Choisissez de nouveau l’image" in page
    assert not Highlight.objects.exists()
    assert files_of(media) == []


def test_what_is_no_picture_is_said_beside_the_field(team, action, add):
    sent = {"action": "A-1", "text": "Oui.", "new_picture": SimpleUploadedFile("a.pdf", b"%PDF")}
    response = team.post(add, sent)
    assert response.context["form"].errors["new_picture"] == [
        "« a.pdf » n’est pas une image lisible : donnez un fichier PNG, JPEG ou WebP."
    ]


def test_an_action_has_one_zoom_a_campaign(team, campaign, action, add):
    make.HighlightFactory(campaign=campaign, action=action)
    response = team.post(add, {"action": "A-1", "text": "Encore."})
    assert response.context["form"].errors["action"] == ["Cette action a déjà son zoom dans la campagne."]


# Changing one


@pytest.fixture
def zoom(campaign, action):
    zoom = make.HighlightFactory(
        campaign=campaign, action=action, title="Le réemploi", text="Deux cents meubles."
    )
    zoom.picture_alt, zoom.picture_credit = "Des chaises", "Anne"
    zoom.picture.save("a.jpg", SimpleUploadedFile("a.jpg", jpeg_of(picture())))
    return zoom


def sent_by(response, **changed):
    """What the form of the page sends, but for what is `changed`."""
    form = response.context["form"]
    shown = {field.html_name: field.value() for field in form}
    return {name: value for name, value in shown.items() if value not in (None, False)} | changed


def test_a_new_picture_takes_the_place_of_the_former(
    team, draft, zoom, media, django_capture_on_commit_callbacks
):
    page = team.get(at(draft, zoom))
    assert "Image actuelle" in text(page)
    with django_capture_on_commit_callbacks(execute=True):
        team.post(at(draft, zoom), sent_by(page, action="A-1", new_picture=picture((32, 32))))
    former = zoom.picture.name
    zoom.refresh_from_db()
    assert zoom.picture.name != former
    assert [path.name for path in files_of(media)] == [zoom.picture.name.removeprefix("highlights/")]
    assert (zoom.picture_alt, zoom.position) == ("Des chaises", 0)


def test_a_picture_is_taken_out_with_its_description(
    team, draft, zoom, media, django_capture_on_commit_callbacks
):
    page = team.get(at(draft, zoom))
    with django_capture_on_commit_callbacks(execute=True):
        team.post(at(draft, zoom), sent_by(page, action="A-1", remove_picture="on"))
    zoom.refresh_from_db()
    assert (zoom.picture.name, zoom.picture_alt, zoom.picture_credit) == ("", "", "")
    assert zoom.text == "Deux cents meubles."
    assert files_of(media) == []
    assert team.get(at(draft, zoom, "image.jpg")).status_code == 404


def test_a_picture_that_stays_keeps_its_description(team, draft, zoom):
    response = team.post(at(draft, zoom), sent_by(team.get(at(draft, zoom)), action="A-1", picture_alt=""))
    assert set(response.context["form"].errors) == {"picture_alt"}
    zoom.refresh_from_db()
    assert zoom.picture_alt == "Des chaises"


def test_the_database_refuses_a_picture_without_description(zoom):
    zoom.picture_alt = ""
    with pytest.raises(IntegrityError):
        zoom.save()


def test_two_people_at_once_see_both_versions(team, draft, zoom):
    page = team.get(at(draft, zoom))
    Highlight.objects.update(text="Le sien.")
    response = team.post(at(draft, zoom), sent_by(page, action="A-1", text="Le mien."))
    assert "Quelqu’un a changé cela entre-temps : « Le sien. »" in text(response)
    assert "Le mien." in text(response)
    assert Highlight.objects.get().text == "Le sien."
    team.post(at(draft, zoom), sent_by(response, action="A-1"))
    assert Highlight.objects.get().text == "Le mien."


def test_a_zoom_of_a_document_says_that_it_is(team, draft, zoom):
    Highlight.objects.update(origin="document")
    assert "Ce zoom vient du document chargé." in text(team.get(at(draft, zoom)))


# Removing one


def test_a_zoom_is_removed_with_its_picture(team, draft, zoom, media, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = team.post(at(draft, zoom, "retirer/"), follow=True)
    assert "Le zoom « Le réemploi » est retiré." in text(response)
    assert not Highlight.objects.exists()
    assert files_of(media) == []


# What has no zoom, and when nothing changes


def test_a_zoom_of_another_campaign_is_not_found(team, draft, scheme, zoom):
    other = make.HighlightFactory(campaign=make.CampaignFactory(scheme=scheme, year=2025))
    assert team.get(at(draft, other)).status_code == 404
    assert team.post(at(draft, other, "retirer/")).status_code == 404
    assert team.get(at(draft, other, "image.jpg")).status_code == 404
    assert Highlight.objects.count() == 2


def test_a_legal_publication_has_no_zoom(team, organisation, campaign):
    draft = make.EditionDraftFactory(organisation=organisation, legal=True)
    assert team.get(f"/editions/preparation/{draft.pk}/zooms/ajouter/").status_code == 404


def test_nothing_changes_while_the_edition_is_being_published(team, draft, zoom, action, add):
    draft.making, draft.purpose = "failed", "publication"
    draft.save()
    other = make.ActionFactory(objective=action.objective, code="A-2")
    response = team.post(
        add, {"action": "A-2", "text": "Le mien.", "new_picture": picture(), "picture_alt": "Oui"}
    )
    assert response.status_code == 409
    assert "Le mien." in text(response)
    assert "Choisissez de nouveau l’image" in text(response)
    response = team.post(at(draft, zoom, "retirer/"), follow=True)
    assert "rien ne s’y modifie" in text(response)
    assert [row.action for row in Highlight.objects.all()] == [action]
    assert other.highlights.count() == 0
