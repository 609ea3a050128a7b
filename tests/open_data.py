"""Open data as WeChat would send it: encrypted here, with the key and the app of the demo in its documentation."""

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

APPID = "wx4f4bc4dec97d474b"
SESSION_KEY = "tiihtNczf5v6AKRyjwEUhQ=="
IV = "r7BXXKkLb8qrSNn05n0qiA=="
CHINA = timezone(timedelta(hours=8))


def midnight(day: date) -> int:
    """When a day begins in China, in seconds since 1970: the timestamp of its count."""
    return int(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp())


def payload(counts: Mapping[date, int], appid: str = APPID) -> bytes:
    """What is inside: the steps of some days."""
    steps = [{"timestamp": midnight(day), "step": count} for day, count in counts.items()]
    return json.dumps(
        {"stepInfoList": steps, "watermark": {"timestamp": 1562159649, "appid": appid}}
    ).encode()


def encrypted(inside: bytes, *, key: str = SESSION_KEY, iv: str = IV, padded: bool = True) -> dict[str, Any]:
    """The data of an event. padded: left out, the bytes are encrypted as they are, in whole blocks."""
    padder = PKCS7(128).padder()
    text = padder.update(inside) + padder.finalize() if padded else inside
    encryptor = Cipher(AES(base64.b64decode(key)), CBC(base64.b64decode(iv))).encryptor()
    data = base64.b64encode(encryptor.update(text) + encryptor.finalize()).decode()
    return {"encryptedData": data, "iv": iv, "session_key": key}
