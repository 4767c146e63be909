-- Limitations that possibly bite: one of their clauses has no literal that is known to be false.
SELECT DISTINCT concerns.solution, concerns.limitation FROM concerns
JOIN limitation_clauses AS clause ON clause.limitation = concerns.limitation
WHERE NOT EXISTS (
  SELECT 1 FROM limitation_clauses_literals AS literal
  JOIN fact ON fact.concept = literal.concept AND fact.holds <> CAST(literal.holds AS integer)
  WHERE literal.limitation = clause.limitation AND literal.within = clause.position
)
ORDER BY 1, 2
