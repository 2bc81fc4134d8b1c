#!/usr/bin/env python3
"""Checks a pack of evidence with nothing but Python's own library and the openssl command.

Usage: python3 check.py [KEYS]

KEYS is a file with the public keys as you have them from elsewhere, such as
  curl -o keys.txt https://www.example.org/.well-known/bandeau/log/keys
Without it the keys in the pack are used, which shows only that nothing in the pack contradicts the rest of it.
Every rule is in docs/spec/record.md, docs/spec/log.md and docs/spec/mechanism.md of the program's source.
"""

import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FAILED = []


def say(holds, text):
    print("holds          " if holds else "DOES NOT HOLD  ", text)
    if not holds:
        FAILED.append(text)


def sha(data):
    return hashlib.sha256(data).digest()


def field(data):
    data = data.encode() if isinstance(data, str) else data
    return len(data).to_bytes(8, "big") + data


def items(values):
    return field(len(values).to_bytes(8, "big")) + b"".join(map(field, values))


def number(value):
    return value.to_bytes(8, "big")


def signed(key, message, signature):
    """Ed25519 (RFC 8032), by openssl."""
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        # A SubjectPublicKeyInfo for Ed25519 (RFC 8410).
        (place / "key").write_bytes(bytes.fromhex("302a300506032b6570032100") + key)
        (place / "message").write_bytes(message)
        (place / "signature").write_bytes(signature)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", place / "key", "-rawin"]
        command += ["-in", place / "message", "-sigfile", place / "signature"]
        return subprocess.run(command, capture_output=True).returncode == 0


def keys():
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "keys.txt"
    found = dict(line.split(" ", 1) for line in path.read_text().splitlines()[1:])
    log = None
    if "log" in found:
        # name+id+base64 of one byte for the algorithm (1: Ed25519) and the key (C2SP signed-note).
        name, _, rest = found["log"].split("+", 2)
        raw = base64.b64decode(rest)
        assert raw[0] == 1, "the log's key is not Ed25519"
        log = (name, raw[1:], sha(name.encode() + b"\n" + raw)[:4])
    return base64.b64decode(found["receipt"]) if "receipt" in found else None, log


def leaf(record):
    """docs/spec/record.md, "The leaf"."""
    previous = bytes.fromhex(record["previous"]) if record["previous"] else b""
    fields = ["bandeau record v1", bytes.fromhex(record["id"]), bytes.fromhex(record["pseudonym"]), previous]
    fields += [number(record["at"]), record["event"], bytes.fromhex(record["notice"]), bytes.fromhex(record["policy"])]
    fields += [record["language"], record["source"], number(record["keep"])]
    choices = [word for pair in record["choices"] for word in pair]
    return sha(b"".join(map(field, fields)) + items(choices))


def checkpoint(note, log):
    """The size and root that the log signed (C2SP signed-note, tlog-checkpoint); nothing where it did not."""
    name, key, mark = log
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, who, blob = line.split(" ")
        raw = base64.b64decode(blob)
        if dash == "\u2014" and who == name and raw[:4] == mark and signed(key, text.encode(), raw[4:]):
            origin, size, root = text.splitlines()[:3]
            return (int(size), base64.b64decode(root)) if origin == name else None
    return None


def included(entry, proof, log, what):
    """That the entry is under the checkpoint of a proof (C2SP tlog-proof, RFC 9162 2.1.3.2)."""
    head, _, note = proof.partition("\n\n")
    lines = [line for line in head.splitlines() if not line.startswith("extra ")]
    index, hashes = int(lines[1].split(" ")[1]), [base64.b64decode(line) for line in lines[2:]]
    signed_head = checkpoint(note, log) if log else None
    if signed_head is None:
        return say(False, f"{what}: the checkpoint is signed with the log's key")
    size, root = signed_head
    place, last, value = index, size - 1, sha(b"\0" + entry)
    fits = index < size
    for sibling in hashes:
        fits = fits and last > 0
        if place & 1 or place == last:
            value = sha(b"\1" + sibling + value)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            value = sha(b"\1" + value + sibling)
        place, last = place >> 1, last >> 1
    say(fits and last == 0 and value == root, f"{what}: it is entry {index} of the log, signed over {size} entries")


def check_record(name, receipt, log):
    record = json.loads((HERE / name).read_text())
    digest = leaf(record)
    good = receipt == base64.b64decode(record["key"]) and signed(receipt, digest, base64.b64decode(record["signature"]))
    say(good, f"{name}: the record is signed with the book's key")
    if not record.get("proof"):
        return say(False, f"{name}: the log has placed the record")
    commitment = sha(field("bandeau commitment v1") + field(bytes.fromhex(record["salt"])) + field(digest))
    included(b"\1" + commitment, record["proof"], log, name)
    return record


def check_files():
    listed = set()
    for line in (HERE / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ", 1)
        listed.add(name)
        path = HERE / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            say(False, f"{name}: the file is what SHA256SUMS says")
    say(True, f"SHA256SUMS was compared with {len(listed)} files")


def check_version(record, log):
    path = HERE / "manifest.json"
    if not path.is_file():
        return say(False, "manifest.json: the version of the mechanism is there")
    raw = path.read_bytes()
    manifest = json.loads(raw)
    if (HERE / "manifest.proof").is_file():
        included(b"\2" + sha(raw), (HERE / "manifest.proof").read_text(), log, "manifest.json")
    else:
        say(False, "manifest.json: the log has placed the version")
    wrong = []
    for name, says in manifest["files"].items():
        file = HERE / "mechanism" / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != says["sha256"]:
            wrong.append(name)
    say(not wrong, f"mechanism/: {len(manifest['files'])} files are what the manifest says {wrong or ''}")
    if record:
        # These two files are the very bytes that the digests in the record are made of.
        for name, member in [(f"{record['language']}/notice.fields", "notice"), ("policy.fields", "policy")]:
            file = HERE / "mechanism" / name
            same = file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == record[member]
            say(same, f"mechanism/{name}: it has the {member}'s hash that is in the record")


def main():
    receipt, log = keys()
    check_files()
    record = None
    if (HERE / "receipt.json").is_file():
        record = check_record("receipt.json", receipt, log)
        for path in sorted((HERE / "records").glob("*.json")):
            check_record(f"records/{path.name}", receipt, log)
    check_version(record, log)
    if len(sys.argv) < 2:
        print("The keys were taken from the pack itself. Give a file with the site's published keys to know whose they are.")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
