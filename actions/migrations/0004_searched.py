import spaser.folding
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('actions', '0003_organisation_appearance'),
    ]

    operations = [
        migrations.AddField(
            model_name='action',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('code', 'title', 'purpose', 'implementation', 'expected_results', 'due_text'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='committee',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('name', 'composition', 'frequency', 'role'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='direction',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('code', 'name'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('decisions'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='objective',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('code', 'title', 'introduction'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='passage',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('heading', 'text'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='pillar',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('code', 'title', 'introduction'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='scheme',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('title', 'adoption_text'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='step',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('title'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
    ]
