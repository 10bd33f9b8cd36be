"""What PostgreSQL says of an error beside its words."""


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE of a database's error, as Django raises it; "" without one.

    The codes: https://www.postgresql.org/docs/current/errcodes-appendix.html.
    """
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or ""
