import spaser.folding
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0002_campaign_entry'),
    ]

    operations = [
        migrations.AddField(
            model_name='extrafigure',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('heading', 'label', 'note'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='indicator',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('code', 'name', 'definition'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='measure',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('code', 'name'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
        migrations.AddField(
            model_name='report',
            name='searched',
            field=models.GeneratedField(db_persist=True, expression=spaser.folding.Fold('realisation', 'effectiveness', 'analysis', 'outlook'), output_field=models.TextField(), verbose_name='texte cherché'),
        ),
    ]
