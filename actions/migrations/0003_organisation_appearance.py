import django.core.validators
from django.db import migrations, models

import actions.models.organisation


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0002_user_wants_reminders'),
    ]

    operations = [
        migrations.AddField(
            model_name='organisation',
            name='accent',
            field=models.CharField(blank=True, help_text='Sous la forme #1f5380. Sans couleur, la collectivité prend celle du site.', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-f]{6}\\Z', 'Écrivez la couleur avec # et six chiffres ou lettres de a à f, par exemple #1f5380.')], verbose_name='couleur'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='logo',
            field=models.FileField(blank=True, upload_to=actions.models.organisation.logo_path, verbose_name='logo'),
        ),
    ]
