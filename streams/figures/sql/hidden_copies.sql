-- How many stored rows of facts since an instant are copies that FINAL hides.
SELECT
    assumeNotNull(
        (SELECT count() FROM events WHERE occurred_at >= {first:DateTime64(3, 'UTC')})
        - (SELECT count() FROM events FINAL WHERE occurred_at >= {first:DateTime64(3, 'UTC')})
    ) AS hidden
