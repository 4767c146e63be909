fact (concept, holds) AS (
  SELECT concept.id, 1 FROM bound JOIN concept AS level ON level.id = bound.facet || '.' || bound.floor
  JOIN concept ON concept.scheme = bound.facet AND concept.rank <= level.rank
  UNION SELECT concept.id, 0 FROM bound JOIN concept AS level ON level.id = bound.facet || '.' || bound.ceiling
  JOIN concept ON concept.scheme = bound.facet AND concept.rank > level.rank
  UNION SELECT facet || '.' || value, holds FROM named
  UNION SELECT concept.id, 0 FROM given JOIN concept ON concept.scheme = given.facet
  WHERE given.kind = 'array' AND concept.id NOT IN (SELECT facet || '.' || value FROM named)
  UNION SELECT concept.id, 0 FROM concept JOIN scheme ON scheme.id = concept.scheme
  WHERE scheme.omitted_means_no AND concept.id NOT IN (SELECT facet || '.' || value FROM named)
  AND scheme.id NOT IN (SELECT facet FROM given WHERE kind = 'object')
),
needs (solution, needed) AS (
  SELECT solution, value FROM solution_prerequisites
  UNION SELECT needs.solution, deeper.value FROM needs JOIN solution_prerequisites AS deeper ON deeper.solution = needs.needed
),
concerns (solution, limitation) AS (
  SELECT solution, id FROM limitation WHERE retired_on IS NULL
  UNION SELECT needs.solution, limitation.id FROM needs JOIN limitation ON limitation.solution = needs.needed
  WHERE limitation.effect = 'effect.blocks' AND limitation.retired_on IS NULL
  AND needs.needed NOT IN (SELECT solution FROM in_place)
)
