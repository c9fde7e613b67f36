"""Tell tries that were not heard from those that count."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(model_name="signin", name="counted", field=models.BooleanField(default=True))
    ]
