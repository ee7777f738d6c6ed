"""Parsers: grids of text to typed rows. Bytes are the readers' business, meaning is the models'."""
