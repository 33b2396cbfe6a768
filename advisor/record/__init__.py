"""Run an application under OpenTelemetry and keep its spans in local files.

`record.py` is the launcher, in slowlint's own process. Everything else here runs *inside the application's*
process, where slowlint itself may not be installed: those modules import only each other, the standard library
and OpenTelemetry, and `bootstrap/sitecustomize.py` loads them by path.
"""
