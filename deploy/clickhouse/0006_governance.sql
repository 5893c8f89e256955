-- Facts about governance: five more kinds, and their own fields as one JSON object, empty for every other fact. What
-- people ask for is read from it by name, at no cost to writing. Kinds that came later are named here as well: where the
-- migrations are repeated, none may take a kind away.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS details String COMMENT 'own fields of a governance fact, JSON',
    MODIFY COLUMN IF EXISTS kind
        Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
              'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11, 'ownership_answer' = 12,
              'success_answer' = 13, 'spend' = 14, 'case_opened' = 15, 'case_closed' = 16, 'survey_sent' = 17,
              'note' = 18),
    ADD COLUMN IF NOT EXISTS answer String ALIAS JSONExtractString(details, 'answer'),
    ADD COLUMN IF NOT EXISTS role String ALIAS JSONExtractString(details, 'role'),
    ADD COLUMN IF NOT EXISTS facet String ALIAS JSONExtractString(details, 'facet'),
    ADD COLUMN IF NOT EXISTS metric String ALIAS JSONExtractString(details, 'metric'),
    ADD COLUMN IF NOT EXISTS value Nullable(Float64)
        ALIAS JSONExtract(details, 'value', 'Nullable(Float64)'),
    ADD COLUMN IF NOT EXISTS category String ALIAS JSONExtractString(details, 'category'),
    ADD COLUMN IF NOT EXISTS case_id String ALIAS JSONExtractString(details, 'case_id'),
    ADD COLUMN IF NOT EXISTS resolved Nullable(Bool)
        ALIAS JSONExtract(details, 'resolved', 'Nullable(Bool)'),
    ADD COLUMN IF NOT EXISTS confirmed_by_customer Nullable(Bool)
        ALIAS JSONExtract(details, 'confirmed_by_customer', 'Nullable(Bool)');

ALTER TABLE cells MODIFY COLUMN IF EXISTS kind
    Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
          'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11, 'ownership_answer' = 12,
          'success_answer' = 13, 'spend' = 14, 'case_opened' = 15, 'case_closed' = 16, 'survey_sent' = 17,
          'note' = 18);

-- A view keeps the columns and types that it was made with: the new ones are seen through it once it is made again.
CREATE OR REPLACE VIEW events_latest AS
SELECT *, answer, role, facet, metric, value, category, case_id, resolved, confirmed_by_customer FROM events FINAL;

CREATE OR REPLACE VIEW cells_latest AS SELECT * EXCEPT refreshed_at FROM cells FINAL WHERE n > 0;

ALTER TABLE day_cells MODIFY COLUMN IF EXISTS kind
    Enum8('awareness' = 1, 'visit' = 2, 'conversion' = 3, 'nps' = 4, 'csat' = 5, 'ces' = 6, 'referral' = 7,
          'repeat_purchase' = 8, 'renewal' = 9, 'churn' = 10, 'contact' = 11, 'ownership_answer' = 12,
          'success_answer' = 13, 'spend' = 14, 'case_opened' = 15, 'case_closed' = 16, 'survey_sent' = 17,
          'note' = 18);
