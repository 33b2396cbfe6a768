"""Calls of a server that never answers: the marked ones wait for ever."""

import http.client
import smtplib
import socket
from functools import partial
from urllib.request import urlopen

import httpx
import requests
from io_app.places import HOST, LIMIT, PORT, SILENT
from requests.adapters import HTTPAdapter


def requests_get():
    requests.get(SILENT)  # slow: [missing-timeout]


def requests_session():
    session = requests.Session()
    session.post(SILENT, json={})  # slow: [missing-timeout]


def opened():
    urlopen(SILENT)  # slow: [missing-timeout]


def mail():
    smtplib.SMTP(HOST, int(PORT))  # slow: [missing-timeout]




def switched_off():
    httpx.get(SILENT, timeout=None)  # slow: [missing-timeout]


def in_a_helper():
    return fetch("/rates")


def fetch(path):
    return requests.request("GET", SILENT + path)  # slow: [missing-timeout]


# What has a limit


def requests_limited():
    requests.get(SILENT, timeout=LIMIT)


def opened_by_position():
    urlopen(SILENT, None, LIMIT)


def connection():
    limited = http.client.HTTPConnection(HOST, int(PORT), timeout=LIMIT)
    limited.request("GET", "/")
    limited.getresponse()


def mail_by_position():
    smtplib.SMTP(HOST, int(PORT), None, LIMIT)


def httpx_limited():
    with httpx.Client(timeout=LIMIT) as client:
        client.get(SILENT)


def options_handed_on():
    with_options(SILENT, timeout=LIMIT)


def with_options(url, **options):
    return requests.get(url, **options)


class Patient(requests.Session):
    def request(self, method, url, **options):
        options.setdefault("timeout", LIMIT)
        return super().request(method, url, **options)


def subclass():
    Patient().get(SILENT)


class Limited(HTTPAdapter):
    def send(self, request, **options):
        options["timeout"] = LIMIT
        return super().send(request, **options)


def mounted():
    session = requests.Session()
    session.mount("http://", Limited())
    session.get(SILENT)


class Api:
    def __init__(self):
        self.session = requests.Session()
        self.session.mount("http://", Limited())

    def ask(self):
        return self.session.get(SILENT)


def mounted_in_init():
    Api().ask()


def replaced():
    session = requests.Session()
    session.request = partial(session.request, timeout=LIMIT)
    session.get(SILENT)


def connected():
    socket.create_connection((HOST, int(PORT)), LIMIT).close()
