-- What is known of an organisation, from its profile as JSON (the parameter "profile"): one row per atom known to hold or not.
WITH RECURSIVE
given (facet, kind, value) AS (
  SELECT key, CASE jsonb_typeof(value) WHEN 'string' THEN 'text' ELSE jsonb_typeof(value) END, value
  FROM jsonb_each(CAST(:profile AS jsonb)) WHERE key IN (SELECT id FROM scheme WHERE "use" = 'facet')
),
bound (facet, floor, ceiling) AS (
  SELECT facet, value #>> '{}', value #>> '{}' FROM given WHERE kind = 'text'
  UNION ALL SELECT facet, value ->> 'at_least', value ->> 'at_most' FROM given WHERE kind = 'object'
),
named (facet, value, holds) AS (
  SELECT facet, item.value, 1 FROM given, jsonb_array_elements_text(CASE kind WHEN 'array' THEN given.value END) AS item
  UNION ALL SELECT facet, item.value, 1
  FROM given, jsonb_array_elements_text(CASE kind WHEN 'object' THEN given.value -> 'has' END) AS item
  UNION ALL SELECT facet, item.value, 0
  FROM given, jsonb_array_elements_text(CASE kind WHEN 'object' THEN given.value -> 'lacks' END) AS item
),
in_place (solution) AS (
  SELECT CAST(item.value AS varchar) FROM jsonb_array_elements_text(CAST(:profile AS jsonb) -> 'in_place') AS item
  UNION SELECT need.value FROM in_place JOIN solution_prerequisites AS need USING (solution)
),
