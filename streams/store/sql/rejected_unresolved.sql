-- Rejected events on the list that have one of some offsets and one of some fingerprints.
SELECT topic, partition, offset, fingerprint
FROM rejected_latest
WHERE offset IN ($offsets) AND fingerprint IN ($hashes)
