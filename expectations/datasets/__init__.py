"""One suite per raw dataset: judges what arrives, document by document. Rules about marts are not here."""
