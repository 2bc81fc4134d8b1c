//! Every SQL text the PostgreSQL store sends, but for the shape of its tables (`schema.sql`). Knows no connection.
//!
//! Only what CockroachDB and YugabyteDB are documented to run as well: the test below refuses the rest.

/// A question for records: the columns in the order `read::stored` takes them.
macro_rules! records {
    ($which:literal) => {
        concat!(
            "SELECT seq, record.id, record.pseudonym, previous, record.at, event, notice, policy, language, source, keep,
            choices, signer.key, signature, salt FROM record JOIN signer ON signer.id = record.signer ",
            $which
        )
    };
}

pub(super) const BEGIN: &str = "BEGIN";
pub(super) const COMMIT: &str = "COMMIT";
pub(super) const ROLLBACK: &str = "ROLLBACK";

/// For one transaction that may take long: making the log anew, counting everything.
pub(super) const PATIENT: &str = "SET LOCAL statement_timeout = 600000";

/// A commit that wrote nothing waits for no standby. Each handle writes a row of its own, so that none waits for
/// another's commit.
pub(super) const MARK: &str =
    "INSERT INTO node (name, seen) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET seen = node.seen + 1";

// The session.
pub(super) const SYNCHRONOUS: &str = "SHOW synchronous_commit";
pub(super) const STANDBYS: &str = "SHOW synchronous_standby_names";
pub(super) const SERVER: &str = "SELECT version()";
pub(super) const BOUNDS: &str = "SET statement_timeout = 2000; SET idle_in_transaction_session_timeout = 5000";
pub(super) const UNBOUND: &str = "SET statement_timeout = 600000";
pub(super) const READING: &str = "SET default_transaction_read_only = on";

// The shape.
pub(super) const VERSION: &str = "SELECT version FROM schema_version";
pub(super) const FOREIGN: &str = "SELECT table_name::text FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_name = ANY($1) ORDER BY table_name";
pub(super) const FOUND: &str = "INSERT INTO head (one, origin, size, note, holder, until)
    VALUES (1, $1, 0, '', '', 0) ON CONFLICT (one) DO NOTHING";
pub(super) const MADE: &str = "INSERT INTO schema_version (one, version) VALUES (1, $1) ON CONFLICT (one) DO NOTHING";

// Rows in.
pub(super) const ENROL: &str =
    "INSERT INTO signer (id, key) VALUES (nextval('number'), $1) ON CONFLICT (key) DO NOTHING";
pub(super) const SIGNER: &str = "SELECT id FROM signer WHERE key = $1";
pub(super) const KNOWN: &str = "SELECT id, previous, leaf, salt FROM record WHERE id = ANY($1)";
pub(super) const ERASED: &str = "SELECT id FROM erased WHERE id = ANY($1)";
pub(super) const NEWEST: &str = "SELECT one.pseudonym, last.turn, last.id FROM unnest($1::bytea[]) AS one (pseudonym)
    CROSS JOIN LATERAL (SELECT turn, id FROM record WHERE record.pseudonym = one.pseudonym
        ORDER BY turn DESC LIMIT 1) AS last";
pub(super) const STANDING: &str = "SELECT pseudonym, id, at, until FROM granted WHERE pseudonym = ANY($1)";
pub(super) const NUMBERS: &str = "SELECT nextval('number') FROM generate_series(1, $1::int8)";
pub(super) const KEEP: &str = "INSERT INTO record (seq, id, pseudonym, turn, previous, at, event, notice, policy,
        language, source, keep, choices, leaf, signature, salt, handle, signer)
    SELECT seq, id, pseudonym, turn, previous, at, event, notice, policy,
        language, source, keep, choices, leaf, signature, salt, handle, $18::int8
    FROM unnest($1::int8[], $2::bytea[], $3::bytea[], $4::int8[], $5::bytea[], $6::int8[], $7::text[], $8::bytea[],
        $9::bytea[], $10::text[], $11::text[], $12::int8[], $13::text[], $14::bytea[], $15::bytea[], $16::bytea[],
        $17::bytea[]) AS fresh (seq, id, pseudonym, turn, previous, at, event, notice, policy,
        language, source, keep, choices, leaf, signature, salt, handle)";
pub(super) const WAIT: &str =
    "INSERT INTO pending (no, body) SELECT no, body FROM unnest($1::int8[], $2::bytea[]) AS fresh (no, body)";
pub(super) const STAND: &str = "INSERT INTO granted (pseudonym, id, at, until)
    SELECT pseudonym, id, at, until FROM unnest($1::bytea[], $2::bytea[], $3::int8[], $4::int8[])
        AS fresh (pseudonym, id, at, until)
    ON CONFLICT (pseudonym) DO UPDATE SET id = excluded.id, at = excluded.at, until = excluded.until";
pub(super) const FALL: &str = "DELETE FROM granted WHERE pseudonym = ANY($1)";
pub(super) const REVOKE: &str = "INSERT INTO revoked (pseudonym, at)
    SELECT pseudonym, at FROM unnest($1::bytea[], $2::int8[]) AS fresh (pseudonym, at)
    ON CONFLICT (pseudonym) DO UPDATE SET at = greatest(revoked.at, excluded.at)";
pub(super) const LAPSE: &str = "DELETE FROM revoked WHERE at < $1 RETURNING at";
pub(super) const ERASE: &str = "DELETE FROM record WHERE id = ANY($1) RETURNING id, pseudonym";
pub(super) const FORGET: &str =
    "INSERT INTO erased (id) SELECT id FROM unnest($1::bytea[]) AS gone (id) ON CONFLICT (id) DO NOTHING";
pub(super) const CEASE: &str = "DELETE FROM granted WHERE pseudonym = ANY($1) AND id = ANY($2)";

// Rows out.
pub(super) const BY_ID: &str = records!("WHERE record.id = $1 ORDER BY seq DESC LIMIT 1000");
pub(super) const BY_HANDLE: &str = records!("WHERE handle = $1 ORDER BY seq DESC LIMIT 1000");
pub(super) const BY_PSEUDONYM: &str = records!("WHERE pseudonym = $1 ORDER BY turn DESC LIMIT 1000");
pub(super) const AFTER: &str = records!("WHERE seq > $1 ORDER BY seq LIMIT $2");
pub(super) const LAPSED: &str =
    records!("JOIN granted ON granted.id = record.id WHERE granted.until <= $1 ORDER BY granted.until LIMIT $2");
pub(super) const EXTENT: &str = "SELECT count(*), coalesce(max(seq), 0) FROM record";
pub(super) const AGED: &str = "SELECT record.id FROM record
    LEFT JOIN granted ON granted.pseudonym = record.pseudonym AND granted.id = record.id
    WHERE record.at < $1 AND (granted.until IS NULL OR granted.until <= $2) ORDER BY record.at LIMIT $3";
pub(super) const REVOKED: &str = "SELECT pseudonym FROM revoked WHERE at >= $1";

// The tree.
pub(super) const HEAD: &str = "SELECT origin, size, note, witnessed FROM head";
pub(super) const LOCK: &str = "SELECT origin, size, note, witnessed FROM head WHERE one = 1 FOR UPDATE";
pub(super) const ANY: &str = "SELECT 1::int8 FROM pending LIMIT 1";
pub(super) const PENDING: &str = "SELECT no, body FROM pending ORDER BY no LIMIT $1";
pub(super) const PLACE: &str =
    "INSERT INTO entry (idx, body) SELECT idx, body FROM unnest($1::int8[], $2::bytea[]) AS fresh (idx, body)";
pub(super) const SHELVE: &str = "INSERT INTO tile (level, idx, hashes)
    SELECT level, idx, hashes FROM unnest($1::int8[], $2::int8[], $3::bytea[]) AS fresh (level, idx, hashes)
    ON CONFLICT (level, idx) DO UPDATE SET hashes = excluded.hashes";
/// Exactly those that were placed: others may commit later with lower numbers.
pub(super) const PLACED: &str = "DELETE FROM pending WHERE no = ANY($1) RETURNING no";
pub(super) const GROW: &str = "UPDATE head SET size = $1, note = $2 WHERE one = 1";
pub(super) const TILE: &str = "SELECT hashes FROM tile WHERE level = $1 AND idx = $2";
pub(super) const ENTRIES: &str = "SELECT body FROM entry WHERE idx >= $1 ORDER BY idx LIMIT $2";
pub(super) const INDEX: &str = "SELECT idx FROM entry WHERE body = $1";
pub(super) const WITNESS: &str = "UPDATE head SET witnessed = $1 WHERE one = 1";
/// What has a place goes before what waits, in its old order: below the lowest number.
pub(super) const AGAIN: &str = "INSERT INTO pending (no, body)
    SELECT (SELECT least(coalesce(min(no), 0), 0) FROM pending) - (SELECT count(*) FROM entry) + idx, body FROM entry";
pub(super) const BARE: &str = "DELETE FROM entry";
pub(super) const FELL: &str = "DELETE FROM tile";
pub(super) const RENAME: &str =
    "UPDATE head SET origin = $1, size = 0, note = '', witnessed = NULL, holder = '', until = 0 WHERE one = 1";

// The term, by the database's clock alone.
pub(super) const TERM: &str = "SELECT holder, until - (extract(epoch FROM clock_timestamp()) * 1000)::int8 FROM head";
pub(super) const LEAD: &str = "UPDATE head
    SET holder = $1, until = (extract(epoch FROM clock_timestamp()) * 1000)::int8 + $2::int8
    WHERE one = 1 AND (holder = $1 OR until < (extract(epoch FROM clock_timestamp()) * 1000)::int8
        OR until > (extract(epoch FROM clock_timestamp()) * 1000)::int8 + 10 * $2::int8) RETURNING holder";

// The mechanism.
pub(super) const ARCHIVE: &str = "INSERT INTO archive (name, content)
    SELECT name, content FROM unnest($1::bytea[], $2::bytea[]) AS fresh (name, content) ON CONFLICT (name) DO NOTHING";
pub(super) const ARCHIVED: &str = "SELECT content FROM archive WHERE name = $1";
pub(super) const LIVES: &str = "SELECT no FROM live WHERE manifest = $1";
pub(super) const LIVE: &str = "INSERT INTO live (no, at, manifest) VALUES ($1, $2, $3)";
pub(super) const THEN: &str = "SELECT at, manifest FROM live WHERE at <= $1 ORDER BY at DESC, no DESC LIMIT 1";

#[cfg(test)]
mod tests {
    use super::super::schema;

    /// Words of statements that CockroachDB or YugabyteDB do not run, or run as something else.
    const REFUSED: [&str; 22] = [
        "pg_advisory",
        "listen",
        "notify",
        "ctid",
        "xmin",
        "trigger",
        "serial",
        "temp",
        "temporary",
        "unlogged",
        "copy",
        "merge",
        "pg_current_xact_id",
        "txid_current",
        "lock",
        "nowait",
        "skip",
        "deferrable",
        "vacuum",
        "truncate",
        "identity",
        "currval",
    ];

    /// The texts of this file, read from it, so that none can be left out.
    fn texts() -> Vec<String> {
        let source = include_str!("sql.rs").split("#[cfg(test)]").next().unwrap();
        let mut texts: Vec<String> = source.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        assert!(texts.len() > 50, "{}", texts.len());
        texts.extend(schema::statements(schema::V1).map(str::to_owned));
        texts
    }

    #[test]
    fn every_statement_is_one_that_other_engines_run() {
        for text in texts() {
            let text: String =
                text.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join(" ");
            let words: Vec<String> =
                text.split(|sign: char| !sign.is_alphanumeric() && sign != '_').map(str::to_lowercase).collect();
            for refused in REFUSED {
                assert!(!words.iter().any(|word| word == refused || word.starts_with("pg_")), "{refused} in {text}");
            }
        }
    }

    /// The parameters of a prepared statement begin at one and none is left out; whoever sends it has as many.
    #[test]
    fn parameters_are_numbered_without_a_gap() {
        for text in texts() {
            let numbers: std::collections::BTreeSet<usize> = text
                .split('$')
                .skip(1)
                .filter_map(|rest| rest.split(|sign: char| !sign.is_ascii_digit()).next()?.parse().ok())
                .collect();
            assert!(numbers.iter().copied().eq(1..=numbers.len()), "{text}");
        }
    }
}
