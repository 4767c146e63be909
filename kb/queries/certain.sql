-- Limitations that certainly bite: one of their clauses has no literal that is not known to be true.
SELECT DISTINCT concerns.solution, concerns.limitation FROM concerns
JOIN limitation_clauses AS clause ON clause.limitation = concerns.limitation
WHERE NOT EXISTS (
  SELECT 1 FROM limitation_clauses_literals AS literal
  WHERE literal.limitation = clause.limitation AND literal.within = clause.position AND NOT EXISTS (
    SELECT 1 FROM fact WHERE fact.concept = literal.concept AND fact.holds = CAST(literal.holds AS integer)
  )
)
ORDER BY 1, 2
