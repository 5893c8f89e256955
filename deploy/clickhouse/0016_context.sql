-- What explains figures: invitations to surveys, and notes of what happened. A note has no cell: it counts nothing, and
-- its touchpoint may be empty.
ALTER TABLE events
    MODIFY COLUMN IF EXISTS kind
        Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
              'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11, 'ownership_answer' = 12,
              'success_answer' = 13, 'spend' = 14, 'case_opened' = 15, 'case_closed' = 16, 'survey_sent' = 17,
              'note' = 18),
    ADD COLUMN IF NOT EXISTS text String ALIAS JSONExtractString(details, 'text');

ALTER TABLE cells MODIFY COLUMN IF EXISTS kind
    Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
          'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11, 'ownership_answer' = 12,
          'success_answer' = 13, 'spend' = 14, 'case_opened' = 15, 'case_closed' = 16, 'survey_sent' = 17,
          'note' = 18);

ALTER TABLE day_cells MODIFY COLUMN IF EXISTS kind
    Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
          'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11, 'ownership_answer' = 12,
          'success_answer' = 13, 'spend' = 14, 'case_opened' = 15, 'case_closed' = 16, 'survey_sent' = 17,
          'note' = 18);

-- A view keeps the columns and types that it was made with: the new ones are seen through it once it is made again.
CREATE OR REPLACE VIEW events_latest AS
SELECT *, answer, role, facet, metric, value, category, case_id, resolved, confirmed_by_customer, text
FROM events FINAL;

CREATE OR REPLACE VIEW cells_latest AS SELECT * EXCEPT refreshed_at FROM cells FINAL WHERE n > 0;
