-- What one phone keeps of one book. Everything personal is sealed; see store.rs.
CREATE TABLE state (
    name   TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE outbox (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    shard  INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE log (
    pos      INTEGER PRIMARY KEY,       -- the order of arrival on this phone
    n        INTEGER UNIQUE,            -- place in the book's log; none while the envelope is only here
    h        BLOB,                      -- the log's hash there
    id       BLOB NOT NULL,
    device   BLOB NOT NULL,
    dseq     INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    standing INTEGER NOT NULL,          -- see log.rs
    edits    INTEGER NOT NULL,          -- how many edits it carries, where this phone sealed it
    bytes    BLOB NOT NULL              -- the envelope as it crosses the wire
) STRICT;
CREATE INDEX log_id ON log (id);
CREATE INDEX log_author ON log (device, dseq);
CREATE INDEX log_unsettled ON log (standing) WHERE standing != 1;
CREATE INDEX log_roster ON log (n) WHERE kind = 2;

CREATE TABLE cache (
    name   TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;
