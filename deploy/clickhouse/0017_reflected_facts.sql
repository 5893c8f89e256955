-- Which facts recorded figures reflect: those that landed later have outdated them. Of rows of before it is not known.
ALTER TABLE balances ADD COLUMN IF NOT EXISTS
    reflects DateTime64(6, 'UTC') COMMENT 'up to which version facts were there; 1970 where that is not known';
