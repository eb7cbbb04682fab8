-- Copies of one record in a database of Fabric's: as many rows as clients would have made, without the hours that takes them.
-- psql -v kind=KIND -v id=ID -v from=N -v to=M. Etags are taken from the sequence that the writers take theirs from, since a record
-- is remembered by its etag; the kind's version goes on, since lists are remembered by that.
BEGIN;
CREATE TEMPORARY TABLE copy ON COMMIT DROP AS
SELECT number, gen_random_uuid()::text AS id,
       '0e:' || regexp_replace(lpad(to_hex(number), 10, '0'), '(..)(..)(..)(..)(..)', '\1:\2:\3:\4:\5') AS mac
FROM generate_series(:from, :to - 1) number;
CREATE TEMPORARY TABLE pattern ON COMMIT DROP AS
SELECT *, coalesce(doc ->> 'MacAddress', id) AS mac FROM resource WHERE kind = :'kind' AND id = :'id';
CREATE TEMPORARY TABLE etags ON COMMIT DROP AS
SELECT array_agg(nextval('etag_block')) AS blocks FROM generate_series(0, (:to - :from) / 10000);
INSERT INTO resource (kind, id, project_id, name, status, created_at, updated_at, etag, refs, keys, doc)
SELECT p.kind, c.id, p.project_id, p.name, p.status, p.created_at + c.number, p.updated_at + c.number,
       e.blocks[1 + (c.number - :from) / 10000] + (c.number - :from) % 10000,
       replace(replace(p.refs, p.id, c.id), p.mac, c.mac), replace(replace(p.keys, p.id, c.id), p.mac, c.mac),
       replace(replace(p.doc::text, p.id, c.id), p.mac, c.mac)::json
FROM pattern p, etags e, copy c;
INSERT INTO resource_ref (kind, id, name, value)
SELECT p.kind, c.id, r.name, replace(replace(r.value, p.id, c.id), p.mac, c.mac)
FROM pattern p JOIN resource_ref r ON r.kind = p.kind AND r.id = p.id, copy c;
INSERT INTO resource_unique (key, kind, id)
SELECT replace(replace(u.key, p.id, c.id), p.mac, c.mac), p.kind, c.id
FROM pattern p JOIN resource_unique u ON u.kind = p.kind AND u.id = p.id, copy c;
UPDATE kind_version SET version = version + 1
WHERE kind = :'kind' AND writer = (SELECT min(writer) FROM kind_version WHERE kind = :'kind');
COMMIT;
ANALYZE resource, resource_ref, resource_unique;
