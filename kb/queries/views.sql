-- Views for people; every name in them is a label, every tier without its scheme.
CREATE VIEW solutions_by_challenge AS
SELECT challenge.label AS challenge, solution.label AS solution, substr(a.coverage, 10) AS coverage,
  a.how, a.remains, a.id AS addressing
FROM addressing AS a JOIN challenge ON challenge.id = a.challenge JOIN solution ON solution.id = a.solution
WHERE solution.retired_on IS NULL
ORDER BY challenge.label, a.coverage DESC, solution.label;

CREATE VIEW limitations_in_words AS
SELECT solution.label AS solution, factor.label AS factor, substr(l.effect, 8) AS effect, w.words AS bites_if, l.says,
  l.residual_risk, l.id AS limitation
FROM limitation AS l JOIN solution ON solution.id = l.solution JOIN concept AS factor ON factor.id = l.factor
JOIN condition_words AS w ON w.limitation = l.id
WHERE l.retired_on IS NULL
ORDER BY solution.label, l.id;

CREATE VIEW sources_of_evidence AS
SELECT e.addressing AS statement, substr(e.kind, 10) AS kind, e.stance, article.title, article.year, e."where", e.says, e.url
FROM addressing_evidence AS e LEFT JOIN article ON article.id = e.source WHERE e."where" IS NOT NULL
UNION ALL
SELECT e.limitation, substr(e.kind, 10), e.stance, article.title, article.year, e."where", e.says, e.url
FROM limitation_evidence AS e LEFT JOIN article ON article.id = e.source WHERE e."where" IS NOT NULL;

CREATE VIEW attestation AS
SELECT 'challenge' AS kind, substr(basis, 7) AS basis, count(*) AS records, count(reviewed_by) AS reviewed
FROM challenge GROUP BY basis
UNION ALL SELECT 'solution', substr(basis, 7), count(*), count(reviewed_by) FROM solution GROUP BY basis
UNION ALL SELECT 'addressing', substr(basis, 7), count(*), 0 FROM addressing GROUP BY basis
UNION ALL SELECT 'limitation', substr(basis, 7), count(*), 0 FROM limitation GROUP BY basis;
