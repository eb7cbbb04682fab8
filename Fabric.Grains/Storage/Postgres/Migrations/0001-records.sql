-- The tables of the SQLite backend (Sqlite/Migrations), for many processes that write at once. Every text sorts by its bytes: pages are
-- the same on both. What belongs to a record is written by fabric_write_1 below, and by nothing else.
--
-- The document is text that must be JSON: kept as it was written, neither parsed into a tree nor put together again, and still open to
-- an operator's doc ->> 'Name'. Half of a page is left free so that an update, which touches an index only when what is listed by
-- changes, finds its room beside the old version.
CREATE TABLE resource (
    kind       text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    status     text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL, -- microseconds since 1970
    updated_at bigint NOT NULL,
    etag       bigint NOT NULL,
    refs       text, -- as the writer gave them; what did not change is not written again
    keys       text,
    doc        json NOT NULL,
    PRIMARY KEY (kind, id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX resource_by_project ON resource (kind, project_id, created_at, id);
CREATE INDEX resource_by_time ON resource (kind, created_at, id);
CREATE INDEX resource_by_name ON resource (kind, name, id);
CREATE INDEX resource_by_status ON resource (kind, status, created_at, id);

-- Secondary keys: the node an instance is on, the network of a port.
CREATE TABLE resource_ref (
    kind  text COLLATE "C" NOT NULL,
    id    text COLLATE "C" NOT NULL,
    name  text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, id, name, value)
);

CREATE INDEX resource_ref_by_value ON resource_ref (kind, name, value, id);

-- Texts that one record alone may hold.
CREATE TABLE resource_unique (
    key  text COLLATE "C" NOT NULL PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    id   text COLLATE "C" NOT NULL
);

CREATE INDEX resource_unique_by_holder ON resource_unique (kind, id);

-- Writers take etags from here in blocks, before they write: so a write whose answer was lost can be recognised.
CREATE SEQUENCE etag_block INCREMENT BY 10000;

-- One counter for each kind and writer, their sum being the kind's version. A counter for all would have every commit of a kind wait for
-- the one before it.
CREATE TABLE kind_version (
    kind    text COLLATE "C" NOT NULL,
    writer  integer NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (kind, writer)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The outbox. An event's number is that of its transaction, then its place in it (16 bits). Transactions commit in any order; a reader
-- therefore stops below the oldest one that still runs, and what it has seen so far is all that there will ever be.
CREATE TABLE event (
    seq        bigint PRIMARY KEY,
    at         bigint NOT NULL,
    type       text NOT NULL,
    kind       text NOT NULL,
    id         text NOT NULL,
    project_id text NOT NULL,
    payload    text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- Added to the numbers of transactions: these begin anew when the data moves to another server.
CREATE TABLE event_base (base bigint NOT NULL);
INSERT INTO event_base VALUES (0);

-- How far each reader of the outbox has come.
CREATE TABLE event_cursor (
    consumer text COLLATE "C" NOT NULL PRIMARY KEY,
    seq      bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE reminder (
    grain_id text COLLATE "C" NOT NULL,
    name     text COLLATE "C" NOT NULL,
    hash     bigint NOT NULL, -- the grain's place on the ring
    start_at bigint NOT NULL, -- ticks: the engine compares them exactly
    period   bigint NOT NULL,
    etag     bigint NOT NULL,
    PRIMARY KEY (grain_id, name)
);

CREATE INDEX reminder_by_hash ON reminder (hash);

-- Makes the unique keys of a record those wanted (JSON arrays of texts). Gives the first that another record holds; then nothing changed.
CREATE FUNCTION fabric_take_keys_1(our_kind text, our_id text, had text, wanted text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    old text[] := ARRAY(SELECT json_array_elements_text(had::json));
    added text[] := '{}';
    one text;
    holder record;
BEGIN
    FOR one IN SELECT json_array_elements_text(wanted::json) LOOP
        CONTINUE WHEN one = ANY (old);
        LOOP
            -- Waits for whoever is just taking the same key or giving it up.
            INSERT INTO resource_unique (key, kind, id) VALUES (one, our_kind, our_id) ON CONFLICT DO NOTHING;
            IF FOUND THEN
                added := added || one;
                EXIT;
            END IF;
            SELECT u.kind, u.id INTO holder FROM resource_unique u WHERE u.key = one;
            -- Given up in between: once more.
            CONTINUE WHEN NOT FOUND;
            EXIT WHEN holder.kind = our_kind AND holder.id = our_id;
            DELETE FROM resource_unique WHERE key = ANY (added);
            RETURN one;
        END LOOP;
    END LOOP;
    DELETE FROM resource_unique u WHERE u.key = ANY (old) AND u.kind = our_kind AND u.id = our_id
        AND u.key NOT IN (SELECT json_array_elements_text(coalesce(wanted, '[]')::json));
    RETURN NULL;
END $$;

-- Writes or removes many records in one transaction, each for itself: all of a write or, when it is refused, nothing. Gives the refused
-- ones alone: with the etag that is stored, or the key that another record holds.
--   expected  the etag to find; null: none
--   etags     the new one; null: the record is removed. Found stored already, the write was done by an attempt whose answer was lost.
--   refs      JSON [[name, value], ...] or null;  keys  JSON [key, ...] or null;  events  JSON [[at, type, payload], ...] or null
-- Callers sort by kind and id: two batches that meet wait for each other in one direction only.
CREATE FUNCTION fabric_write_1(
    our_number integer, kinds text[], ids text[], expected bigint[], etags bigint[], projects text[], names text[], statuses text[],
    created bigint[], updated bigint[], all_refs text[], all_keys text[], all_events text[], docs text[])
RETURNS TABLE (nth bigint, stored bigint, taken text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    w record;
    old record;
    changed text[] := '{}';
    place bigint;
    count bigint;
BEGIN
    FOR w IN SELECT * FROM unnest(kinds, ids, expected, etags, projects, names, statuses, created, updated, all_refs, all_keys, all_events,
            docs) WITH ORDINALITY AS t (kind, id, expected, etag, project_id, name, status, created_at, updated_at, refs, keys, events,
            doc, n) LOOP
        nth := w.n;
        stored := NULL;
        taken := NULL;
        SELECT r.etag, r.project_id, r.refs, r.keys INTO old FROM resource r
            WHERE r.kind = w.kind AND r.id = w.id FOR NO KEY UPDATE;
        CONTINUE WHEN old.etag = w.etag;
        IF old.etag IS DISTINCT FROM w.expected THEN
            stored := old.etag;
            RETURN NEXT;
            CONTINUE;
        END IF;

        IF w.etag IS NULL THEN
            DELETE FROM resource r WHERE r.kind = w.kind AND r.id = w.id;
            DELETE FROM resource_ref r WHERE r.kind = w.kind AND r.id = w.id;
            DELETE FROM resource_unique r WHERE r.kind = w.kind AND r.id = w.id;
        ELSE
            IF old.etag IS NULL THEN
                INSERT INTO resource (kind, id, project_id, name, status, created_at, updated_at, etag, refs, keys, doc)
                    VALUES (w.kind, w.id, w.project_id, w.name, w.status, w.created_at, w.updated_at, w.etag, w.refs, w.keys, w.doc::json)
                    ON CONFLICT DO NOTHING;
                IF NOT FOUND THEN
                    -- Another was first, and has committed while we waited.
                    SELECT r.etag INTO stored FROM resource r WHERE r.kind = w.kind AND r.id = w.id;
                    CONTINUE WHEN stored = w.etag;
                    RETURN NEXT;
                    CONTINUE;
                END IF;
            END IF;
            IF w.keys IS DISTINCT FROM old.keys THEN
                taken := fabric_take_keys_1(w.kind, w.id, old.keys, w.keys);
                IF taken IS NOT NULL THEN
                    IF old.etag IS NULL THEN
                        DELETE FROM resource r WHERE r.kind = w.kind AND r.id = w.id;
                    END IF;
                    RETURN NEXT;
                    CONTINUE;
                END IF;
            END IF;
            IF w.refs IS DISTINCT FROM old.refs THEN
                IF old.refs IS NOT NULL THEN
                    DELETE FROM resource_ref r WHERE r.kind = w.kind AND r.id = w.id AND (r.name, r.value) NOT IN
                        (SELECT j ->> 0, j ->> 1 FROM json_array_elements(coalesce(w.refs, '[]')::json) j);
                END IF;
                INSERT INTO resource_ref (kind, id, name, value)
                    SELECT w.kind, w.id, j ->> 0, j ->> 1 FROM json_array_elements(w.refs::json) j ON CONFLICT DO NOTHING;
            END IF;
            IF old.etag IS NOT NULL THEN
                UPDATE resource r SET project_id = w.project_id, name = w.name, status = w.status, created_at = w.created_at,
                    updated_at = w.updated_at, etag = w.etag, refs = w.refs, keys = w.keys, doc = w.doc::json
                    WHERE r.kind = w.kind AND r.id = w.id;
            END IF;
        END IF;

        IF w.events IS NOT NULL THEN
            IF place IS NULL THEN
                SELECT (base + pg_current_xact_id()::text::bigint) << 16 INTO place FROM event_base;
            END IF;
            INSERT INTO event (seq, at, type, kind, id, project_id, payload)
                SELECT place + e.n, (e.one ->> 0)::bigint, e.one ->> 1, w.kind, w.id, coalesce(w.project_id, old.project_id, ''), e.one ->> 2
                FROM json_array_elements(w.events::json) WITH ORDINALITY AS e (one, n);
            GET DIAGNOSTICS count = ROW_COUNT;
            place := place + count;
        END IF;
        IF NOT w.kind = ANY (changed) THEN
            changed := changed || w.kind;
        END IF;
    END LOOP;
    INSERT INTO kind_version (kind, writer, version) SELECT k, our_number, 1 FROM unnest(changed) k ORDER BY k
        ON CONFLICT (kind, writer) DO UPDATE SET version = kind_version.version + 1;
END $$;
