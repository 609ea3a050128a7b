"""Example bodies and answers about personal details and rosters, for the OpenAPI description."""

from typing import Any

import msgspec

from api.details import Details, Erased, Erasure, KeptAddress, KeptDetails, PostalAddress, ShownDetails, View
from api.example_answers import Answer, answer
from api.identities import Hashed, Identifying, KeptSessionKey, SessionKey
from api.rosters import EnteredRoster, RosterLine

JSON, CSV = "application/json", "text/csv"
_WHO = "p-000123"
_HASH = "5f1c0b7e9a3d48c2b6e0f4a19d7c3e58"
_REASON = {"reason": "asked for it in writing, letter 2020-118"}

BODIES_OF_DETAILS: dict[str, tuple[str, type[msgspec.Struct] | None, Any]] = {
    "keepDetails": (
        JSON,
        Details,
        {"name": "王小明", "id_number": "11010519491231002X", "phone": "13800001234", "region": "西安市"},
    ),
    "viewDetails": (JSON, View, {"reason": "sends prize grand-prize.17", "fields": ["name", "phone"]}),
    "keepAddress": (
        JSON,
        PostalAddress,
        {
            "recipient": "王小明",
            "phone": "13800001234",
            "address": "陕西省西安市新城区某路1号",
            "postcode": "710000",
        },
    ),
    "erasePerson": (JSON, Erasure, _REASON),
    "eraseIdentity": (JSON, Erasure, _REASON),
    "hashIdentity": (JSON, Identifying, {"kind": "phone", "value": "+86 138 0000 1234"}),
    "keepSessionKey": (JSON, SessionKey, {"session_key": "tiihtNczf5v6AKRyjwEUhQ=="}),
    "enterRoster": (
        CSV,
        None,
        "姓名,身份证号,手机号,单位\n王小明,11010519491231002X,13800001234,镇江市总工会\n",
    ),
}
"""Operation → the media type, shape and an example of its body."""

KEYS_OF_DETAILS = {
    "keepDetails": True,
    "viewDetails": True,
    "keepAddress": True,
    "erasePerson": True,
    "eraseIdentity": True,
    "enterRoster": True,
}
"""Operation → whether it needs the header Idempotency-Key."""

ANSWERS_OF_DETAILS: dict[str, Answer] = {
    "keepDetails": answer(
        "The fields are in the vault.",
        KeptDetails(_WHO, ["id_number", "name", "phone", "region"], [], {"id_number": _HASH}, 18231),
    ),
    "viewDetails": answer(
        "The fields; that they were looked at is in the log.",
        ShownDetails(_WHO, {"name": "王小明", "phone": "+8613800001234"}, 18240),
    ),
    "keepAddress": answer(
        "The address is in the vault.", KeptAddress(_WHO, "address/9f31c07e5b2a4d1886f3a0e2", 18251)
    ),
    "erasePerson": answer("What was kept is gone, and its key.", Erased(18260)),
    "eraseIdentity": answer("What was kept is gone, and its key.", Erased(18263)),
    "hashIdentity": answer("The keyed hash.", Hashed(_HASH)),
    "keepSessionKey": answer("The key is in the vault.", KeptSessionKey("sk-71f0a3c2be9d4456")),
    "enterRoster": answer(
        "What became of the file.",
        EnteredRoster(
            batch="insurance-2020",
            entered=4998,
            renewed=1,
            same=0,
            not_taken=1,
            lines=[
                RosterLine(
                    812,
                    "bad_check_digit",
                    False,
                    "The last character of the identity number does not fit the others.",
                )
            ],
            remarks=1,
            position=23331,
        ),
    ),
}
"""Operation → what it answers when all is well."""
