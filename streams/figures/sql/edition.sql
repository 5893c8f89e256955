-- Which edition of the figures the cells are of; and whether there are any.
SELECT max(edition) AS edition, assumeNotNull((SELECT count() FROM cells)) > 0 AS has_cells FROM editions
