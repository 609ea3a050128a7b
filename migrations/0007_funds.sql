-- The views of funds, projects and help; of quizzes, attendance and certificates.
--
-- To the operator: runs in a moment. The views follow from the log by themselves.

CREATE TABLE funds (
    book text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    donated bigint NOT NULL,
    deposited bigint NOT NULL,
    paid bigint NOT NULL,
    donations bigint NOT NULL,
    CONSTRAINT one_row_a_fund PRIMARY KEY (book, fund),
    CONSTRAINT a_fund_never_pays_more_than_it_took_in CHECK (paid <= donated + deposited)
) WITH (fillfactor = 70);

COMMENT ON TABLE funds IS 'Money that is collected and paid out, in fen. A fund without a row has never had any.';
COMMENT ON COLUMN funds.fund IS 'Id in the rulebook; of a fund for each union followed by a point and the union''s id.';
COMMENT ON COLUMN funds.donated IS 'What sponsors gave for steps.';
COMMENT ON COLUMN funds.deposited IS 'What else came in.';
COMMENT ON COLUMN funds.donations IS 'How often a sponsor gave something.';

CREATE TABLE fund_entries (
    book text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    balance bigint NOT NULL,
    participant text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    actor text NOT NULL,
    ref text NOT NULL,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT one_row_an_entry PRIMARY KEY (book, fund, position),
    CONSTRAINT a_fund_is_never_below_zero CHECK (balance >= 0),
    CONSTRAINT a_known_kind_of_entry CHECK (kind IN ('donation', 'deposit', 'project', 'grant'))
);

COMMENT ON TABLE fund_entries IS 'Everything that moved money into or out of a fund, each with its event.';
COMMENT ON COLUMN fund_entries.amount IS 'Fen; below zero for what was paid out.';
COMMENT ON COLUMN fund_entries.balance IS 'What the fund held afterwards.';
COMMENT ON COLUMN fund_entries.participant IS 'For whose steps it was donated, or whom a grant helps; empty for all else.';
COMMENT ON COLUMN fund_entries.ref IS 'Of the bank''s statement.';

CREATE TABLE projects (
    book text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    name text NOT NULL,
    amount bigint NOT NULL,
    paid bigint NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    put_forward_at timestamptz NOT NULL,
    reviewed_at timestamptz,
    published_at timestamptz,
    position bigint NOT NULL,
    CONSTRAINT one_row_a_project PRIMARY KEY (book, fund, project),
    CONSTRAINT a_project_gets_no_more_than_it_asked_for CHECK (paid <= amount),
    CONSTRAINT a_known_status_of_a_project CHECK (status IN ('put_forward', 'approved', 'turned_down', 'published'))
);

COMMENT ON TABLE projects IS 'Volunteer projects that unions put forward for a fund (EC-13).';
COMMENT ON COLUMN projects.amount IS 'Fen that were asked for.';
COMMENT ON COLUMN projects.position IS 'The event that put it forward.';

CREATE TABLE help_applications (
    campaign text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    number integer NOT NULL,
    ref text NOT NULL,
    asked bigint,
    granted bigint,
    status text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    applied_at timestamptz NOT NULL,
    decided_at timestamptz,
    position bigint NOT NULL,
    CONSTRAINT one_row_an_application_for_help PRIMARY KEY (campaign, participant, number),
    CONSTRAINT a_known_status_of_help CHECK (status IN ('applied', 'approved', 'refused'))
);

CREATE INDEX help_that_waits ON help_applications (campaign, status, position);

COMMENT ON TABLE help_applications IS 'Applications for help (帮扶) of members in hardship (ZG-10).';
COMMENT ON COLUMN help_applications.ref IS 'Where it is set out.';
COMMENT ON COLUMN help_applications.asked IS 'Fen that were asked for; null leaves it to the union.';
COMMENT ON COLUMN help_applications.position IS 'The event of the application.';

CREATE TABLE quiz_answers (
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    quiz text COLLATE "C" NOT NULL,
    asked text COLLATE "C" NOT NULL,
    question text COLLATE "C" NOT NULL,
    tries integer NOT NULL,
    last_at timestamptz NOT NULL,
    right_at timestamptz,
    CONSTRAINT one_row_a_question_asked PRIMARY KEY (book, participant, quiz, asked)
) WITH (fillfactor = 70);

COMMENT ON TABLE quiz_answers IS 'What participants have answered in quizzes (百题问答, 每日一题).';
COMMENT ON COLUMN quiz_answers.asked IS 'The question; of a quiz with a question a day, the day.';
COMMENT ON COLUMN quiz_answers.right_at IS 'When it was answered right; null while it was not.';

CREATE TABLE attendance (
    book text COLLATE "C" NOT NULL,
    occasion text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    day date NOT NULL,
    actor text NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT attended_once PRIMARY KEY (book, occasion, participant)
);

CREATE INDEX attendance_of_a_participant ON attendance (book, participant);

COMMENT ON TABLE attendance IS 'Who attended which occasion on site (EC-14).';
COMMENT ON COLUMN attendance.actor IS 'Who recorded it: a person, or the source of a client app.';

CREATE TABLE certificates (
    book text COLLATE "C" NOT NULL,
    participant text COLLATE "C" NOT NULL,
    badge text COLLATE "C" NOT NULL,
    number text COLLATE "C" NOT NULL,
    clause text NOT NULL,
    awarded_at timestamptz NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT each_certificate_once PRIMARY KEY (book, participant, badge),
    CONSTRAINT each_certificate_has_a_number_of_its_own UNIQUE (number)
);

COMMENT ON TABLE certificates IS 'Electronic honour certificates (电子荣誉证书), as data (EC-04).';
COMMENT ON COLUMN certificates.badge IS 'The badge that it certifies.';
