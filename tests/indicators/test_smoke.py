import pytest

from actions.models import Scheme


@pytest.mark.django_db
def test_x():
    assert Scheme.objects.count() == 0
