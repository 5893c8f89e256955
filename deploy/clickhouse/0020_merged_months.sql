-- A month in which nothing lands for an hour becomes one part (folded days: all of them), which FINAL reads as it is.
-- Left in several it is merged at each reading, and each month sums apart: two parts in each of thirty months made the
-- sums by customer of a million answers take five times the processor time and two gigabytes.
ALTER TABLE cells MODIFY SETTING min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE day_cells
    MODIFY SETTING min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE answers MODIFY SETTING min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE repeat_answers
    MODIFY SETTING min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1;
