-- Between which instants the drift behind an alarm began, both inclusive: a confidence set of 95 %, known at the alarm.
ALTER TABLE drift
    ADD COLUMN IF NOT EXISTS since_from Nullable(DateTime64(3, 'UTC'))
        COMMENT 'the earliest instant at which the drift may have begun; NULL where that is not known',
    ADD COLUMN IF NOT EXISTS since_to Nullable(DateTime64(3, 'UTC'))
        COMMENT 'the latest';

-- A view keeps the columns of the day it was made.
CREATE OR REPLACE VIEW drift_latest AS SELECT * EXCEPT withdrawn FROM drift FINAL WHERE withdrawn = 0;
