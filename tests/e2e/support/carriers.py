"""What carries a credential, as the wire page lists it: name to a function
that gives the header fields and the query for one token."""
import base64
import hashlib

KEY = base64.b64encode(b"0" * 16).decode()
ACCEPT = base64.b64encode(hashlib.sha1(
    KEY.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket",
           "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}")

# name: (fields, query) that carry a token
CARRIERS = {
    "Authorization": lambda token: ([f"Authorization: Bearer {token}"], ""),
    "?token": lambda token: ([], f"token={token}"),
    "?api_key": lambda token: ([], f"api_key={token}"),
    "?internal_token": lambda token: ([], f"internal_token={token}"),
    "?ticket": lambda token: ([], f"ticket={token}"),
    "X-API-Key": lambda token: ([f"X-API-Key: {token}"], ""),
    "X-Internal-Token": lambda token: ([f"X-Internal-Token: {token}"], ""),
    "subprotocol":
        lambda token: ([f"Sec-WebSocket-Protocol: Bearer, {token}"], ""),
}
