"""The Superset bundle: datasets, charts and a dashboard, made of a release's dictionary. No figure is computed here."""
