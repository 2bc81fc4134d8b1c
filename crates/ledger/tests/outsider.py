"""What an outsider does with what the log publishes, by means of aics-tlog alone: nothing of Bandeau's is run here.

    outsider.py check DIR     every checkpoint, tile, bundle and proof below DIR holds (exit 0), or one does not (exit 1)
    outsider.py witness DIR   be a witness: check the request DIR/request and write DIR/answer and DIR/witness

DIR holds `key` and `origin`; for each size a checkpoint `head/SIZE` and the tiles as served, `tile/…`; `proof/…`, each the text
of a tlog-proof; `grown/…`, each the body of an add-checkpoint request of tlog-witness.
"""

import base64
import pathlib
import sys

from aics_tlog import (
    FileSystemTileReader,
    audit_tiles,
    consistency_proof_from_tiles,
    cosignature_vkey,
    format_vkey,
    inclusion_proof_from_tiles,
    parse_note,
    parse_vkey,
    read_entry,
    sign_cosignature,
    tree_root_from_tiles,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

WITNESS = "witness.test/outsider"
TIME = 1_795_000_000


def must(holds, what):
    if not holds:
        raise ValueError(what)


def head(note, key, origin):
    """The checkpoint of a note, once its signature and origin hold."""
    result = verify_checkpoint(parse_note(note), key, expected_origin=origin)
    must(result.ok, f"checkpoint: {result.error}")
    return result


def hashes(lines):
    return [base64.b64decode(line, validate=True) for line in lines]


def cut(text):
    """The lines before the first empty one, and the note after it."""
    before, _, note = text.partition("\n\n")
    return before.split("\n"), note


def check(place):
    key = parse_vkey((place / "key").read_text())
    origin = (place / "origin").read_text()
    tiles = FileSystemTileReader(place)
    heads = {int(path.name): head(path.read_text(), key, origin) for path in (place / "head").iterdir()}
    seen = 0
    for size, signed in heads.items():
        must(signed.size == size, f"the checkpoint of {size} entries says {signed.size}")
        must(tree_root_from_tiles(tiles, size) == signed.root, f"the tiles have another root at {size}")
        report = audit_tiles(tiles, size, signed.root)
        seen += report.tiles + report.bundles
    proofs = sorted((place / "proof").iterdir())
    for path in proofs:
        lines, note = cut(path.read_text())
        must(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("index "), f"{path.name}: its first lines")
        signed, index, proof = head(note, key, origin), int(lines[1][6:]), hashes(lines[2:])
        entry = read_entry(tiles, index, signed.size)
        must(verify_leaf_inclusion(entry, index, signed.size, proof, signed.root), f"{path.name}: the entry is not in it")
        must(inclusion_proof_from_tiles(tiles, index, signed.size) == proof, f"{path.name}: another proof than of the tiles")
    grown = sorted((place / "grown").iterdir())
    for path in grown:
        lines, note = cut(path.read_text())
        new, size, proof = head(note, key, origin), int(lines[0].removeprefix("old ")), hashes(lines[1:])
        old = heads[size]
        must(verify_consistency(size, new.size, old.root, new.root, proof), f"{path.name}: the log did not only grow")
        must(consistency_proof_from_tiles(tiles, size, new.size) == proof, f"{path.name}: another proof than of the tiles")
    must(heads and proofs and grown and seen, "there is nothing to check")
    print(f"{len(heads)} checkpoints, {seen} tiles and bundles, {len(proofs)} inclusions, {len(grown)} consistencies hold")


def witness(place):
    key = parse_vkey((place / "key").read_text())
    origin = (place / "origin").read_text()
    lines, note = cut((place / "request").read_text())
    new, size = head(note, key, origin), int(lines[0].removeprefix("old "))
    old = head((place / "head" / str(size)).read_text(), key, origin)
    must(verify_consistency(size, new.size, old.root, new.root, hashes(lines[1:])), "the log did not only grow")
    private = Ed25519PrivateKey.from_private_bytes(bytes([9] * 32))
    _, line = sign_cosignature(private, WITNESS, TIME, origin, new.size, new.root)
    code = base64.b64encode(line.key_id + line.signature).decode()
    (place / "answer").write_text(f"\u2014 {line.name} {code}\n")
    (place / "witness").write_text(format_vkey(cosignature_vkey(WITNESS, private.public_key())))


def recount(place):
    """The note that bears the witness's line too, counted by the package."""
    key = parse_vkey((place / "key").read_text())
    seen = parse_vkey((place / "witness").read_text())
    note = parse_note((place / "cosigned").read_text())
    result = verify_checkpoint(note, key, [seen], quorum=1, expected_origin=(place / "origin").read_text())
    must(result.ok and result.timestamps == {WITNESS: TIME}, f"the witness is not counted: {result.error}")


if __name__ == "__main__":
    try:
        {"check": check, "witness": witness, "recount": recount}[sys.argv[1]](pathlib.Path(sys.argv[2]))
    except (ValueError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
