"""The one error of the demo generator. Nothing else belongs here."""


class DemoError(ValueError):
    """The request cannot be met: a bad argument, or a plan table that lacks what the generator needs."""
