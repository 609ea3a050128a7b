-- Add the projects that were put forward, and bring the others as far as the events say.
WITH put_forward AS (
    INSERT INTO {projects} (
        book, fund, project, name, amount, paid, status, reason, put_forward_at, reviewed_at, published_at, position
    )
    SELECT
        book, fund, project, name, amount, paid, status, reason, put_forward_at, reviewed_at, published_at, position
    FROM changed_projects
    WHERE position IS NOT NULL
)
UPDATE {projects} AS p
SET
    paid = coalesce(c.paid, p.paid),
    status = coalesce(c.status, p.status),
    reason = coalesce(c.reason, p.reason),
    reviewed_at = coalesce(c.reviewed_at, p.reviewed_at),
    published_at = coalesce(c.published_at, p.published_at)
FROM changed_projects AS c
WHERE c.position IS NULL AND p.book = c.book AND p.fund = c.fund AND p.project = c.project
