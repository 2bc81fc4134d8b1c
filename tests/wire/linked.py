"""Reads an export of linked data with PyLD, which knows JSON-LD and nothing of Bandeau.

Fails where a term is lost on the way through expanding and compacting, or where a record lacks what the profile
dpv-27560#record-eu-gdpr asks of every record. Prints how many records and statements there are.
"""

import json
import sys

from pyld import jsonld

DPV = "https://w3id.org/dpv#"
DCT = "http://purl.org/dc/terms/"
RECORD = [DCT + "identifier", DCT + "conformsTo", DPV + "hasIdentifier", DPV + "hasDataSubject", DPV + "hasNotice",
          DPV + "hasProcess", DPV + "hasLegalBasis", DPV + "hasConsentStatus"]
TOLD = [DPV + "hasDataController", DPV + "hasJurisdiction", DPV + "hasConsentControl", DPV + "hasRight"]
PROCESS = [DPV + "hasPurpose", DPV + "hasConsentStatus"]
SERVED = [DPV + "hasPersonalData", DPV + "hasRecipient", DPV + "hasStorageCondition", DPV + "hasService"]
STATUS = ["@type", DPV + "isIndicatedAtTime", DPV + "hasDuration", DPV + "isIndicatedBy"]


def refuse(url, options):
    raise SystemExit(f"the document needs {url}: it must stand alone")


def plain(value):
    """The same value whether or not one thing stands in a list."""
    if isinstance(value, list):
        many = [plain(one) for one in value]
        return many[0] if len(many) == 1 else many
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return value


def has(node, terms, where):
    lacking = [term for term in terms if not node.get(term)]
    if lacking:
        raise SystemExit(f"{where} lacks {lacking}: {json.dumps(node)[:400]}")


def main():
    path, told = sys.argv[1], sys.argv[2] == "told"
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    jsonld.set_document_loader(refuse)
    expanded = jsonld.expand(document)
    compacted = jsonld.compact(expanded, document["@context"], {"graph": True})
    if plain(compacted["@graph"]) != plain(document["@graph"]):
        raise SystemExit("something is lost between expanding and compacting")
    for record in expanded:
        if record["@type"] != [DPV + "ConsentRecord"]:
            raise SystemExit(f"{record['@type']} is no record")
        has(record, RECORD + (TOLD if told else []), "a record")
        if record[DCT + "conformsTo"] != [{"@id": "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"}]:
            raise SystemExit("a record conforms to something else")
        has(record[DPV + "hasNotice"][0], [DCT + "identifier", DCT + "language"], "a notice")
        has(record[DPV + "hasConsentStatus"][0], STATUS, "an event")
        for process in record[DPV + "hasProcess"]:
            has(process, PROCESS + (SERVED if told else []), "a process")
    quads = jsonld.to_rdf(document)["@default"]
    print(len(expanded), len(quads))


main()
