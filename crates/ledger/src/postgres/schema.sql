-- The shape of the book in PostgreSQL, version 1. Every statement may run again, so that two gateways that start at once
-- do no harm; statements end with a semicolon at the end of a line. Numbers come from one sequence: they name rows, and
-- say nothing of the order of commits. Unsigned numbers are kept as the same 64 bits.

CREATE TABLE IF NOT EXISTS schema_version (
    one int8 PRIMARY KEY CHECK (one = 1),
    version int8 NOT NULL
);

CREATE SEQUENCE IF NOT EXISTS number;

CREATE TABLE IF NOT EXISTS head (
    one int8 PRIMARY KEY CHECK (one = 1),
    origin text NOT NULL,
    size int8 NOT NULL,
    note text NOT NULL,
    witnessed text,
    holder text NOT NULL,
    until int8 NOT NULL
);

CREATE TABLE IF NOT EXISTS node (
    name int8 PRIMARY KEY,
    seen int8 NOT NULL
);

CREATE TABLE IF NOT EXISTS signer (
    id int8 PRIMARY KEY,
    key bytea NOT NULL UNIQUE CHECK (length(key) = 32)
);

-- A visitor's records are a chain, turn by turn: of two nodes that write for one visitor at once, one begins again.
CREATE TABLE IF NOT EXISTS record (
    seq int8 PRIMARY KEY,
    id bytea NOT NULL UNIQUE CHECK (length(id) = 16),
    pseudonym bytea NOT NULL CHECK (length(pseudonym) = 16),
    turn int8 NOT NULL,
    previous bytea CHECK (length(previous) = 16),
    at int8 NOT NULL,
    event text NOT NULL,
    notice bytea NOT NULL CHECK (length(notice) = 32),
    policy bytea NOT NULL CHECK (length(policy) = 32),
    language text NOT NULL,
    source text NOT NULL,
    keep int8 NOT NULL,
    choices text NOT NULL,
    leaf bytea NOT NULL CHECK (length(leaf) = 32),
    signer int8 NOT NULL,
    signature bytea NOT NULL CHECK (length(signature) = 64),
    salt bytea NOT NULL CHECK (length(salt) = 32),
    handle bytea NOT NULL UNIQUE CHECK (length(handle) = 16),
    UNIQUE (pseudonym, turn)
);

CREATE INDEX IF NOT EXISTS record_at ON record (at);

CREATE TABLE IF NOT EXISTS entry (
    idx int8 PRIMARY KEY,
    body bytea NOT NULL UNIQUE CHECK (length(body) = 33)
);

CREATE TABLE IF NOT EXISTS pending (
    no int8 PRIMARY KEY,
    body bytea NOT NULL UNIQUE CHECK (length(body) = 33)
);

CREATE TABLE IF NOT EXISTS tile (
    level int8 NOT NULL,
    idx int8 NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, idx)
);

CREATE TABLE IF NOT EXISTS granted (
    pseudonym bytea PRIMARY KEY,
    id bytea NOT NULL,
    at int8 NOT NULL,
    until int8 NOT NULL
);

CREATE INDEX IF NOT EXISTS granted_until ON granted (until);

CREATE TABLE IF NOT EXISTS revoked (
    pseudonym bytea PRIMARY KEY,
    at int8 NOT NULL
);
CREATE INDEX IF NOT EXISTS revoked_at ON revoked (at);

CREATE TABLE IF NOT EXISTS erased (
    id bytea PRIMARY KEY
);

CREATE TABLE IF NOT EXISTS archive (
    name bytea PRIMARY KEY CHECK (length(name) = 32),
    content bytea NOT NULL
);

CREATE TABLE IF NOT EXISTS live (
    no int8 PRIMARY KEY,
    at int8 NOT NULL,
    manifest bytea NOT NULL UNIQUE CHECK (length(manifest) = 32)
);

-- For auditors: identifiers as hexadecimal, times as timestamps.
CREATE OR REPLACE VIEW book AS SELECT
    seq, encode(record.id, 'hex') AS id, encode(pseudonym, 'hex') AS pseudonym, encode(previous, 'hex') AS previous,
    to_timestamp(at / 1000.0) AS time, at, event, choices, language, source, keep,
    encode(notice, 'hex') AS notice, encode(policy, 'hex') AS policy, encode(leaf, 'hex') AS leaf,
    encode(signer.key, 'hex') AS key, encode(signature, 'hex') AS signature
FROM record JOIN signer ON signer.id = record.signer;
