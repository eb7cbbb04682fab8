-- fabric_write_1 for a writer whose right to write ends with a lease (microseconds since 1970, on this server's clock; null: it does not).
-- A statement may wait long before it runs: in the socket of a process that is frozen, or of a server that is. By then the members of the
-- cluster may have gone on without its writer. Who declares a writer dead takes the same lock alone, after its lease is over, and so
-- waits for whatever had begun: a transaction that got the lock earlier is committed before the others act, one that gets it later sees
-- that its time is over.
CREATE FUNCTION fabric_write_2(
    lease_until bigint, our_number integer, kinds text[], ids text[], expected bigint[], etags bigint[], projects text[], names text[],
    statuses text[], created bigint[], updated bigint[], all_refs text[], all_keys text[], all_events text[], docs text[])
RETURNS TABLE (nth bigint, stored bigint, taken text) LANGUAGE plpgsql AS $$
BEGIN
    IF lease_until IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock_shared(hashtext('orleans_lease'));
        IF clock_timestamp() > to_timestamp(lease_until / 1000000.0) THEN
            RAISE EXCEPTION 'the writer''s lease is over' USING ERRCODE = 'FB001';
        END IF;
    END IF;
    RETURN QUERY SELECT * FROM fabric_write_1(our_number, kinds, ids, expected, etags, projects, names, statuses, created, updated,
        all_refs, all_keys, all_events, docs);
END $$;
