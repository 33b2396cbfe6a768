"""Database servers that the tests start themselves, as any user, and take away again: PostgreSQL and MariaDB.

Fixtures stand in `fixtures.py`. A server that cannot be had on a machine skips its tests with the reason.
"""
