"""`slowlint demo`: the whole tool on a bundled application, with the commands a user would type."""
