"""A module that takes its time to be imported."""

import hashlib

SECRET = hashlib.pbkdf2_hmac("sha256", b"pumpkin", b"spice", 1_500_000)
