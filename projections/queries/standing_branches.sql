-- The unions of a board that have somebody taking part, with what their rates are made of.
SELECT
    entrant,
    name,
    members,
    walked,
    days_attained,
    members * {days} AS attainable,
    total_steps,
    {participation} * walked * {days} + {attainment} * days_attained AS score_part,
    100 * members * {days} AS score_whole
FROM ({units}) AS u
WHERE {group}::text IS NULL OR kind = {group}
