-- With which key the customer of a fact was hashed: the beginning of the hash, by itself, so that facts are counted by
-- key without reading their hashes. Parts that are there already answer from the hash until they merge.
ALTER TABLE events ADD COLUMN IF NOT EXISTS key_id LowCardinality(String)
    MATERIALIZED substring(customer, 1, 8) COMMENT 'id of the key of the hash';

ALTER TABLE rejected
    MODIFY COLUMN IF EXISTS payload COMMENT 'what people may see: values that are known to identify nobody, else shapes';

-- Earlier versions masked what they recognised as the customer, and quoted values in details: neither is kept.
ALTER TABLE rejected UPDATE
    payload = if(payload = '', '', '<not shown: rejected by an earlier version>'),
    detail = if(reason IN ('bad_type', 'bad_value', 'unknown_kind', 'score_out_of_range') AND detail != '',
                'rejected by an earlier version, whose detail is not kept', detail)
WHERE true
SETTINGS mutations_sync = 2;
