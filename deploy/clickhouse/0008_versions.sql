-- Before each landing it is looked up what the last refresh has noted: the index skips all but the last notes. Parts
-- that are there already get it as they merge.
ALTER TABLE refreshes ADD INDEX IF NOT EXISTS noted_last upto TYPE minmax GRANULARITY 1;
