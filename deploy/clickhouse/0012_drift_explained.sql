-- An alarm that a change of ownership explains says so, and counts apart from the alert budget.
ALTER TABLE drift ADD COLUMN IF NOT EXISTS explained_by Enum8('none' = 0, 'ownership' = 1) DEFAULT 'none'
    COMMENT 'ownership, if touchpoints that changed hands make more than half of the change; else none';

-- A view keeps the columns of the day it was made.
CREATE OR REPLACE VIEW drift_latest AS SELECT * EXCEPT withdrawn FROM drift FINAL WHERE withdrawn = 0;
