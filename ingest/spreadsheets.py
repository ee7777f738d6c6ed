"""How ingest makes workbooks: text of others stays text. The warehouse says the same for its own in a module of this name."""

from __future__ import annotations

#: for xlsxwriter: a text is never turned into a formula or a link
WORKBOOK_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False}
