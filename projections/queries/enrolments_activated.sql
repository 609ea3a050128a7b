-- Enrol those who activated and had not enrolled before, under the union that the roster names.
INSERT INTO {enrolments} (campaign, participant, branch, enrolled_at, recorded_at)
SELECT campaign, participant, branch, enrolled_at, recorded_at
FROM activated
ON CONFLICT (campaign, participant) DO NOTHING
