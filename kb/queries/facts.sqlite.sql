-- What is known of an organisation, from its profile as JSON (the parameter "profile"): one row per atom known to hold or not.
WITH RECURSIVE
given (facet, kind, value) AS (
  SELECT key, type, value FROM json_each(:profile) WHERE key IN (SELECT id FROM scheme WHERE "use" = 'facet')
),
bound (facet, floor, ceiling) AS (
  SELECT facet, value, value FROM given WHERE kind = 'text'
  UNION ALL SELECT facet, value ->> '$.at_least', value ->> '$.at_most' FROM given WHERE kind = 'object'
),
named (facet, value, holds) AS (
  SELECT facet, item.value, 1 FROM given, json_each(CASE kind WHEN 'array' THEN given.value ELSE '[]' END) AS item
  UNION ALL SELECT facet, item.value, 1 FROM given, json_each(CASE kind WHEN 'object' THEN given.value ELSE '{}' END, '$.has') AS item
  UNION ALL SELECT facet, item.value, 0 FROM given, json_each(CASE kind WHEN 'object' THEN given.value ELSE '{}' END, '$.lacks') AS item
),
in_place (solution) AS (
  SELECT value FROM json_each(:profile, '$.in_place')
  UNION SELECT need.value FROM in_place JOIN solution_prerequisites AS need USING (solution)
),
