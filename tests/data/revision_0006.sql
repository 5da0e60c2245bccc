-- A small database as the program of revision 0006 made it: synthetic people, rows in every table.
--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: absence; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.absence (
    absence_id uuid NOT NULL,
    user_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    reason character varying NOT NULL,
    CONSTRAINT ck_absence_ordered CHECK ((to_on >= from_on))
);


ALTER TABLE public.absence OWNER TO postgres;

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


ALTER TABLE public.alembic_version OWNER TO postgres;

--
-- Name: alert; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.alert (
    street_code character varying NOT NULL,
    alert_id uuid NOT NULL,
    source character varying NOT NULL,
    event_id character varying NOT NULL,
    type character varying NOT NULL,
    event_at timestamp with time zone NOT NULL,
    digest bytea NOT NULL,
    body bytea NOT NULL,
    person_key bytea,
    resident_id uuid,
    status character varying NOT NULL,
    received_at timestamp with time zone NOT NULL,
    counts_from timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    retry_at timestamp with time zone,
    processed_at timestamp with time zone,
    tier_before character varying,
    tier_after character varying,
    task_ids uuid[] NOT NULL,
    problem character varying,
    CONSTRAINT ck_alert_placed CHECK ((((status)::text <> 'accepted'::text) OR (resident_id IS NOT NULL))),
    CONSTRAINT ck_alert_status CHECK (((status)::text = ANY ((ARRAY['accepted'::character varying, 'processed'::character varying, 'quarantined'::character varying, 'conflict'::character varying])::text[])))
);

ALTER TABLE ONLY public.alert FORCE ROW LEVEL SECURITY;


ALTER TABLE public.alert OWNER TO postgres;

--
-- Name: attempt; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.attempt (
    street_code character varying NOT NULL,
    attempt_id uuid NOT NULL,
    task_id uuid NOT NULL,
    resident_id uuid NOT NULL,
    outcome character varying NOT NULL,
    "on" date NOT NULL,
    note character varying,
    by_user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.attempt FORCE ROW LEVEL SECURITY;


ALTER TABLE public.attempt OWNER TO postgres;

--
-- Name: calendar_day; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.calendar_day (
    day date NOT NULL,
    working boolean NOT NULL,
    label character varying NOT NULL,
    source character varying NOT NULL
);


ALTER TABLE public.calendar_day OWNER TO postgres;

--
-- Name: claim; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.claim (
    street_code character varying NOT NULL,
    claim_id uuid NOT NULL,
    alert_ids uuid[] NOT NULL,
    server_started_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.claim FORCE ROW LEVEL SECURITY;


ALTER TABLE public.claim OWNER TO postgres;

--
-- Name: committee; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.committee (
    code character varying NOT NULL,
    street_code character varying NOT NULL,
    name character varying NOT NULL,
    kind character varying NOT NULL,
    valid_from date NOT NULL,
    valid_to date
);


ALTER TABLE public.committee OWNER TO postgres;

--
-- Name: coverage; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.coverage (
    street_code character varying NOT NULL,
    version integer NOT NULL,
    effective_on date NOT NULL,
    document jsonb NOT NULL,
    comment character varying NOT NULL,
    by_user_id uuid,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.coverage FORCE ROW LEVEL SECURITY;


ALTER TABLE public.coverage OWNER TO postgres;

--
-- Name: credit; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.credit (
    street_code character varying NOT NULL,
    visit_id uuid NOT NULL,
    duty_id uuid NOT NULL,
    resident_id uuid NOT NULL,
    credited boolean NOT NULL,
    because character varying,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_credit_explained CHECK ((credited OR (because IS NOT NULL)))
);

ALTER TABLE ONLY public.credit FORCE ROW LEVEL SECURITY;


ALTER TABLE public.credit OWNER TO postgres;

--
-- Name: daily_digest; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.daily_digest (
    street_code character varying NOT NULL,
    user_id uuid NOT NULL,
    digest_on date NOT NULL,
    created_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.daily_digest FORCE ROW LEVEL SECURITY;


ALTER TABLE public.daily_digest OWNER TO postgres;

--
-- Name: decision; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.decision (
    street_code character varying NOT NULL,
    decision_id uuid NOT NULL,
    resident_id uuid NOT NULL,
    from_on date NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    tier character varying NOT NULL,
    tier_before character varying NOT NULL,
    rules character varying[] NOT NULL,
    policy_id character varying NOT NULL,
    policy_version integer NOT NULL,
    coverage_version integer,
    next_change_on date,
    superseded_at timestamp with time zone
);

ALTER TABLE ONLY public.decision FORCE ROW LEVEL SECURITY;


ALTER TABLE public.decision OWNER TO postgres;

--
-- Name: delivery; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.delivery (
    street_code character varying NOT NULL,
    delivery_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    user_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    state character varying NOT NULL,
    attempts integer NOT NULL,
    next_try_at timestamp with time zone NOT NULL,
    last_error character varying,
    sent_at timestamp with time zone,
    CONSTRAINT ck_delivery_state CHECK (((state)::text = ANY ((ARRAY['pending'::character varying, 'sent'::character varying, 'failed'::character varying])::text[])))
);

ALTER TABLE ONLY public.delivery FORCE ROW LEVEL SECURITY;


ALTER TABLE public.delivery OWNER TO postgres;

--
-- Name: directory; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.directory (
    person_key bytea NOT NULL,
    street_code character varying NOT NULL,
    resident_id uuid NOT NULL
);

ALTER TABLE ONLY public.directory FORCE ROW LEVEL SECURITY;


ALTER TABLE public.directory OWNER TO postgres;

--
-- Name: duty; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.duty (
    street_code character varying NOT NULL,
    duty_id uuid NOT NULL,
    resident_id uuid NOT NULL,
    kind character varying NOT NULL,
    tier character varying NOT NULL,
    occasion character varying NOT NULL,
    period character varying,
    starts_on date NOT NULL,
    due_on date NOT NULL,
    modes character varying[] NOT NULL,
    "limit" character varying NOT NULL,
    clause character varying NOT NULL,
    state character varying NOT NULL,
    reason character varying,
    task_id uuid,
    credited_visit_id uuid,
    late_entry boolean NOT NULL,
    made_up_on date,
    carried boolean NOT NULL,
    policy_id character varying NOT NULL,
    policy_version integer NOT NULL,
    coverage_version integer,
    created_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    excuse jsonb,
    CONSTRAINT ck_duty_kind CHECK (((kind)::text = ANY ((ARRAY['periodic'::character varying, 'response'::character varying, 'follow_up'::character varying])::text[]))),
    CONSTRAINT ck_duty_ordered CHECK ((due_on >= starts_on)),
    CONSTRAINT ck_duty_state CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'met'::character varying, 'late'::character varying, 'missed'::character varying, 'excused'::character varying, 'cancelled'::character varying])::text[])))
);

ALTER TABLE ONLY public.duty FORCE ROW LEVEL SECURITY;


ALTER TABLE public.duty OWNER TO postgres;

--
-- Name: escalation; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.escalation (
    street_code character varying NOT NULL,
    task_id uuid NOT NULL,
    level integer NOT NULL,
    resident_id uuid NOT NULL,
    action character varying NOT NULL,
    "to" character varying NOT NULL,
    recipients character varying[] NOT NULL,
    note character varying,
    due_at timestamp with time zone NOT NULL,
    fired_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.escalation FORCE ROW LEVEL SECURITY;


ALTER TABLE public.escalation OWNER TO postgres;

--
-- Name: escalation_chain; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.escalation_chain (
    street_code character varying NOT NULL,
    version integer NOT NULL,
    steps jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    by_user_id uuid
);

ALTER TABLE ONLY public.escalation_chain FORCE ROW LEVEL SECURITY;


ALTER TABLE public.escalation_chain OWNER TO postgres;

--
-- Name: fact_entry; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.fact_entry (
    street_code character varying NOT NULL,
    entry_id uuid NOT NULL,
    resident_id uuid NOT NULL,
    event_at timestamp with time zone NOT NULL,
    source character varying NOT NULL,
    event_id character varying NOT NULL,
    type character varying NOT NULL,
    entry jsonb NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.fact_entry FORCE ROW LEVEL SECURITY;


ALTER TABLE public.fact_entry OWNER TO postgres;

--
-- Name: feed; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.feed (
    source character varying NOT NULL,
    expected_every_minutes integer,
    expected_days character varying,
    learnt_every_minutes integer,
    learnt_days character varying,
    paused boolean NOT NULL,
    watched_from timestamp with time zone NOT NULL,
    checked_at timestamp with time zone,
    silent_since timestamp with time zone,
    sequence_from bigint,
    sequence_era uuid,
    CONSTRAINT ck_feed_expected_days CHECK (((expected_days)::text = ANY ((ARRAY['all'::character varying, 'working'::character varying])::text[]))),
    CONSTRAINT ck_feed_learnt_days CHECK (((learnt_days)::text = ANY ((ARRAY['all'::character varying, 'working'::character varying])::text[])))
);


ALTER TABLE public.feed OWNER TO postgres;

--
-- Name: feed_hour; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.feed_hour (
    source character varying NOT NULL,
    hour_at timestamp with time zone NOT NULL,
    requests integer NOT NULL,
    accepted integer NOT NULL,
    duplicates integer NOT NULL,
    rejected integer NOT NULL,
    last_heard_at timestamp with time zone NOT NULL,
    last_event_at timestamp with time zone
);


ALTER TABLE public.feed_hour OWNER TO postgres;

--
-- Name: import_mapping; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.import_mapping (
    source character varying NOT NULL,
    kind character varying NOT NULL,
    signature character varying NOT NULL,
    mapping jsonb NOT NULL,
    updated_at timestamp with time zone NOT NULL
);


ALTER TABLE public.import_mapping OWNER TO postgres;

--
-- Name: login; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.login (
    token_digest bytea NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);


ALTER TABLE public.login OWNER TO postgres;

--
-- Name: notification; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.notification (
    street_code character varying NOT NULL,
    notification_id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind character varying NOT NULL,
    task_id uuid,
    text character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone
);

ALTER TABLE ONLY public.notification FORCE ROW LEVEL SECURITY;


ALTER TABLE public.notification OWNER TO postgres;

--
-- Name: notification_channel; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.notification_channel (
    user_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    kind character varying NOT NULL,
    address bytea NOT NULL,
    secret bytea,
    failures integer NOT NULL,
    failing_since timestamp with time zone,
    retry_at timestamp with time zone,
    last_error character varying,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_notification_channel_kind CHECK (((kind)::text = ANY ((ARRAY['email'::character varying, 'apprise'::character varying, 'webhook'::character varying])::text[])))
);


ALTER TABLE public.notification_channel OWNER TO postgres;

--
-- Name: notification_preference; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.notification_preference (
    user_id uuid NOT NULL,
    digest boolean NOT NULL,
    kinds character varying[],
    updated_at timestamp with time zone NOT NULL
);


ALTER TABLE public.notification_preference OWNER TO postgres;

--
-- Name: policy; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.policy (
    policy_id character varying NOT NULL,
    version integer NOT NULL,
    effective_on date NOT NULL,
    document character varying NOT NULL,
    comment character varying NOT NULL,
    by_user_id uuid,
    created_at timestamp with time zone NOT NULL
);


ALTER TABLE public.policy OWNER TO postgres;

--
-- Name: receipt; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.receipt (
    source character varying NOT NULL,
    event_id character varying NOT NULL,
    digest bytea NOT NULL,
    street_code character varying NOT NULL,
    alert_id uuid NOT NULL,
    sequence bigint
);

ALTER TABLE ONLY public.receipt FORCE ROW LEVEL SECURITY;


ALTER TABLE public.receipt OWNER TO postgres;

--
-- Name: recusal; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.recusal (
    user_id uuid NOT NULL,
    resident_id uuid NOT NULL,
    reason character varying NOT NULL
);


ALTER TABLE public.recusal OWNER TO postgres;

--
-- Name: resident; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.resident (
    street_code character varying NOT NULL,
    resident_id uuid NOT NULL,
    committee_code character varying NOT NULL,
    name character varying NOT NULL,
    birth_date date,
    sex character varying,
    household character varying,
    relation character varying,
    id_number bytea,
    phone bytea,
    address bytea,
    person_key bytea NOT NULL,
    paired_user_id uuid,
    tier character varying NOT NULL,
    rules character varying[] NOT NULL,
    decided_on date,
    wake_on date,
    died_on date,
    opened_on date NOT NULL,
    moved_to character varying,
    moved_on date,
    details_at timestamp with time zone,
    failures integer NOT NULL,
    retry_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_resident_tier CHECK (((tier)::text = ANY ((ARRAY['high'::character varying, 'key'::character varying, 'general'::character varying, 'none'::character varying])::text[])))
);

ALTER TABLE ONLY public.resident FORCE ROW LEVEL SECURITY;


ALTER TABLE public.resident OWNER TO postgres;

--
-- Name: sandbox_clock; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.sandbox_clock (
    id integer NOT NULL,
    business_at timestamp with time zone NOT NULL,
    real_at timestamp with time zone NOT NULL,
    target_at timestamp with time zone,
    CONSTRAINT ck_sandbox_clock_single CHECK ((id = 1))
);


ALTER TABLE public.sandbox_clock OWNER TO postgres;

--
-- Name: seen_message; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.seen_message (
    source character varying NOT NULL,
    message_id character varying NOT NULL,
    sent_at timestamp with time zone NOT NULL
);


ALTER TABLE public.seen_message OWNER TO postgres;

--
-- Name: signed_source; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.signed_source (
    source character varying NOT NULL,
    obligatory boolean NOT NULL
);


ALTER TABLE public.signed_source OWNER TO postgres;

--
-- Name: signing_secret; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.signing_secret (
    secret_id uuid NOT NULL,
    source character varying NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone
);


ALTER TABLE public.signing_secret OWNER TO postgres;

--
-- Name: street; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.street (
    code character varying NOT NULL,
    name character varying NOT NULL,
    kind character varying NOT NULL,
    valid_from date NOT NULL,
    valid_to date
);


ALTER TABLE public.street OWNER TO postgres;

--
-- Name: task; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.task (
    street_code character varying NOT NULL,
    task_id uuid NOT NULL,
    resident_id uuid NOT NULL,
    committee_code character varying NOT NULL,
    kind character varying NOT NULL,
    subject character varying NOT NULL,
    state character varying NOT NULL,
    tier character varying NOT NULL,
    why character varying NOT NULL,
    due_on date NOT NULL,
    planned_on date,
    assignee_id uuid,
    assigned_because character varying[] NOT NULL,
    chain jsonb NOT NULL,
    escalation_level integer NOT NULL,
    next_step_at timestamp with time zone,
    details jsonb,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_because character varying,
    CONSTRAINT ck_task_kind CHECK (((kind)::text = ANY ((ARRAY['visit'::character varying, 'decision'::character varying, 'confirm'::character varying, 'welfare_check'::character varying, 'lead'::character varying, 'follow_up'::character varying])::text[]))),
    CONSTRAINT ck_task_state CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'done'::character varying, 'cancelled'::character varying])::text[])))
);

ALTER TABLE ONLY public.task FORCE ROW LEVEL SECURITY;


ALTER TABLE public.task OWNER TO postgres;

--
-- Name: task_event; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.task_event (
    street_code character varying NOT NULL,
    event_id uuid NOT NULL,
    task_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    what character varying NOT NULL,
    by_user_id uuid,
    details jsonb
);

ALTER TABLE ONLY public.task_event FORCE ROW LEVEL SECURITY;


ALTER TABLE public.task_event OWNER TO postgres;

--
-- Name: upstream_key; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.upstream_key (
    key_id uuid NOT NULL,
    source character varying NOT NULL,
    key_digest bytea NOT NULL,
    scopes character varying[] NOT NULL,
    types character varying[] NOT NULL,
    streets character varying[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_on date
);


ALTER TABLE public.upstream_key OWNER TO postgres;

--
-- Name: user_account; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.user_account (
    user_id uuid NOT NULL,
    username character varying NOT NULL,
    name character varying NOT NULL,
    password_hash character varying NOT NULL,
    role character varying NOT NULL,
    street_code character varying,
    capacity integer NOT NULL,
    active boolean NOT NULL,
    valid_until date,
    created_at timestamp with time zone NOT NULL
);


ALTER TABLE public.user_account OWNER TO postgres;

--
-- Name: user_committee; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.user_committee (
    user_id uuid NOT NULL,
    committee_code character varying NOT NULL
);


ALTER TABLE public.user_committee OWNER TO postgres;

--
-- Name: visit; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.visit (
    street_code character varying NOT NULL,
    visit_id uuid NOT NULL,
    service_date date NOT NULL,
    mode character varying NOT NULL,
    form jsonb NOT NULL,
    digest bytea NOT NULL,
    answer jsonb NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    voided_at timestamp with time zone,
    void_reason character varying
);

ALTER TABLE ONLY public.visit FORCE ROW LEVEL SECURITY;


ALTER TABLE public.visit OWNER TO postgres;

--
-- Name: visit_resident; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.visit_resident (
    street_code character varying NOT NULL,
    visit_id uuid NOT NULL,
    resident_id uuid NOT NULL,
    service_date date NOT NULL,
    mode character varying NOT NULL,
    met boolean NOT NULL,
    initiated_by character varying NOT NULL,
    role character varying NOT NULL,
    dimensions_done boolean NOT NULL,
    visitor_id uuid,
    entered_at timestamp with time zone NOT NULL,
    merged_into uuid,
    approved_on date,
    voided boolean NOT NULL,
    carried boolean NOT NULL
);

ALTER TABLE ONLY public.visit_resident FORCE ROW LEVEL SECURITY;


ALTER TABLE public.visit_resident OWNER TO postgres;

--
-- Data for Name: absence; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.absence (absence_id, user_id, from_on, to_on, reason) FROM stdin;
01a21117-b380-7d15-9126-bd7c7a844a09	01a21117-b141-79f5-b9bc-7c70591b059f	2026-05-04	2026-05-08	培训
\.


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.alembic_version (version_num) FROM stdin;
0006
\.


--
-- Data for Name: alert; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.alert (street_code, alert_id, source, event_id, type, event_at, digest, body, person_key, resident_id, status, received_at, counts_from, attempts, retry_at, processed_at, tier_before, tier_after, task_ids, problem) FROM stdin;
310117001	01a21117-b238-738d-a64e-6e26d1349286	/songjiang/medical-insurance	e9	resident.registered	2026-03-20 02:00:00+00	\\x191f3daea3219388c24611ba588774294070069c1bd2349023a22ea7f7ca482a	\\x010113b40c5867dbd5aad2e5babf6d8b52b433aae6a113f5a46370beba57f50d90033d7ba388a8bfd35381845d61b83fb03a4c8e1813fd98f0fad3aa1a96f10d85d7ddb07bd9f76ac7a426dc085efd765f8e7c03e0195baa38ba25e0485339f3e9be8a777b2561c856eff7616f3510c893d4627960a958a767c9e66403a95a3c37fbd559981dc6683d27a4b830719caf534743397e41fe1f4f90190a2c95238947e772bd7044c4c504393bf4b16b076563fb335803f7eb886bcdfb16d8299a794d7be08fa1455e9cfba86a457714fb9eca1e3f15bf14210bf1ac69250cf108ab33a8ee0448b430b6ab9cbdc3a52ff3b308dfc14f20f582141d9a98243f51f93fcba9e7ac20362c47b70cfacf58d988a2cc7dc61fba968c6c8bce473134de2ea9d1bacb3d13ce8a1b945e1fb10463b43b0a764acd49cb0dceb403f781539229d792647fbda0ad218e7da0e3cf19cff750a565b7fed5cb8269282142717d27b82ca8874dfca5b0a0a4d770fe7e50e0b0cd340efa1096f9cb3784daab40ad1bb93396c477480c055577941a66499bce43b7c9098c83e66e7b5e653343ad6bd58f1fe78391ac5dcd715bf93a1ffa817709cecdf43db46b71f02da3cca156d20e9050c412521342d0ade6f56e36e9a3b27bc4e773de3a091fa42b638b811e0fdcc8a6ed8012ee878419392fa65ecc281e851c1bb8aa835ed2da1b61f976b2b612d97f005a3da8d12d98efbb8b97da33f9dd6fa6f850bfe5cc05b151271fdc7675621e852bd8e6bfabca5a1e368918a12dbd5138d9a237017209183ab8	\\x65a92930cd5ac06bf5ce8242a554ddd0c7eb3c0a12dc6d63d4937363df4aec4b	01a21117-b23a-7323-94ab-8b914a55307d	processed	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00	none	general	{}	\N
310117001	01a21117-b26b-70d7-8fc6-9d5ef8c25ebb	/songjiang/medical-insurance	e11	resident.registered	2026-03-20 02:00:00+00	\\xfbfabeb7bf3f3821ecca3b73a20f5ac5d0c763e3477ee444db7fe26b86ab08cb	\\x0101454dea9fc3e7efeec8955e4e38cefcabb7e0806fa41dc636fd1b8f3c7fd668524e328b3e216e3cd95681915b2b682bd3dd88a7a05a32ee5f4d93ee50352b2cdc0d949261fad986232694d9d64b5edd555f0a5d9baf99c8388af8cc071e2e65939b4ac0fbe177f26bb25ba3982bf7e6420c603e1006ef6fc3239d81c9b5933239e62c888df53596330943b9a9d3276dcbefb288c4cd731d613cbe2033a8116f865f21ad2053993638bc7a93b1137deadb690f3a0af8f3855f5f6de1a61044df0583c68693fbdfc74705fbd6d054490d214f65b17b44f116da2d02943ec9a4fb9d30d125afd5772586f3e5ef8f838e71287644a1c6b6e388cf0db1d959ea4cc331c11b433a9f298b26c24cdd67c7bfe037563797e1ea86d002e2b2f52f15b52acf4fbdbfdbcacb4458870d9091ad15881c21ef553fff25e31572aa93688b1ae8bde29802964938239a50edd79e3115add3e2c8c7a09b4ff3c772aeb1ba1ef946e4f0a135ebc2da2ffcbec3de7075c6cfa42a43ba8c6eb11871396c1341b566575884c4bc5a30eb1faef90d229f4e262b636a2babacbe1fe0081fea916cd30d8f807c9a398dd2fb1d0289420ed75fdb5812b32b676d96ae79f72c9c64ddb3bb0c2313fd2b5347e83e990529a904c9a30c899bbc9d61bee348df6704aa33205f7446c46de8a56fef95e6937ae3b77a92350057bc4741a592cf32f76bb835a82c83b1b4a6175d6eb6830526795febb48436bf77eb93a06d30943d0f5e30b29e229b276155d934847584677932bf4afcdf1836db9cf20916f5	\\x5cc4743b3fd1761fc221220e628964c1036fd40a556d52a2e5b72b7cd892ee7a	01a21117-b26c-704b-bc4f-a2b12527cc1c	processed	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00	none	general	{}	\N
310117001	01a21117-b290-78eb-bedb-6e3c68e42693	/songjiang/medical-insurance	e13	resident.registered	2026-03-20 02:00:00+00	\\x49c40a61f60f63955c83f57f34203a5f7c60fe92211d4ee2ed59d7128190cc21	\\x010169047d9d30a3d11f9618eaf8cc63b5e97a65e05df44d59aef39d39b539a1d7252c362f943407eeb49af36e4493c1f1e3e08c2f9dd3017c13de04c1da98859def0a89d31a74822c0f15b92da2a19a317f22f22ae550e7eeaa9d0b13da3eb5e620be64f6b98b5ed03ae193d176507cbaed4845b9cb54ff85d5c6295d71e9b6a462317f50aebfbd5ee7929bc87149443fa57840279f34940f71b79c3fdceb7f6d2b9ac4b199987ad4b51eb3bcf7616690ac04cbdb68770530108d8482009926802555896521e8aeb5e82a7ad1b5bdc9b58546233d3e8c11e1e509aa8a7554ab44e956e4890e95dcd1fb6c371f7ed90da0455a9e9c5aa551940020ac5b6e00bc2c5aa30b4aaa667520bdca7da31e8469e4edb3d6da3822cb227122b0e2de6578e5876ba375cace180fdc4baf871ccb9fb8a84f5eddf8200e23c7d60b6a94cfdca4ba352c917a52b4126988253f43a98a0847a718e68392bae2eca026423247cafda5918add7c633353594c45b2a61e6b40a022fb04998a467e32e75ef40ee1e000d87d350e48f80e31d12b10225eb787d7a42f0b97fa687cbacf53a9b1b9f4d0a789dac58d7cafa050449da4038cacda36ddf1c67ebe1c9751858fa91c2f2a5619d57ba4b1d3485b77441f2254d5fb9966a8f0ce86e98e25d04cf691d72f890e04ec9085cc30e0355f0b6003b9fd68adb25043e2697ff24d5c27fe11629bf59ce3a754b244208a443c4dfbee801f90ecbfb8444d50b1321d52e2afb269c01b00f2262c1f4c32482a80547aa91e87fc2211503885a3366e78	\\x540f7788802b34d12210b53b2d40fdf8c8caae5400b5218832f2e3b20ba422cd	01a21117-b291-7e7d-b2c1-128403bd418b	processed	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00	none	general	{}	\N
310117002	01a21117-b2b1-7942-a772-bb799d2f42b9	/songjiang/medical-insurance	e15	resident.registered	2026-03-20 02:00:00+00	\\xb3a4d9bd922ba7fab693ec6c315ad8a3c040153af9edb6d0280c20195d184ace	\\x01012568fbd112b45c41101876df16f8204639102aada6738d248c7efd960ec7ed0b89b2ef735a650398b2d896422cc7f82e9df918ebcf036e85c612bb2bc4d6e1723d9c717d0b3cb761ef0698e529e2a590d2447e1ea0260c0e054d25928bbe58da60dd61141dd74fbdad994922a31f7b42bb9e09f62a2fda935e78859c66b9d756df426b3bf044751d48a0cf31886ab24276d06e74e48eb3aa2ea09e2e75d2de10535cfb994010ae67e9246ad39fdcbe3d056af8fc05408d98e1a06ffe649164e707073f0058f02091b7d1a56e98172d93548d3ee11ce68591807b70d9b5b34cac6b4f3ef0f00cfdf8661e8efb37ad72db5bb0ef5446d9097d3eced12969b1778591166cee7fc92fa2ecc40945df18ea2d350e73957ab351e6c8abf5f1ddf236c32daa00b225ae2cbee7707505d536d35267393d85c4c2fd1f3eb5832ab975d016e763d3f2c8466d999fa00d417cb0d9a6c1d875d143d4e550d2b19d667feb36eea8a68d32e63a84c8e674edd11cbc662e6ce187f2df949a25cd57cb435eaa8d85cbc4b46005f8feb6cdacf81c0a5e08b445358d7f00a7880961658f92139e4426edfa9744cbcfe3f06140d5bcc866be1411d6e8eeab5ac1a5df975090af7637483ca310c9c2be25683b274dfe76be3ad259d10610ead2f00dac7e79b9e4abb154b38b678c88f73b74350176a6df71386fd8e27aaf01771e0c2e00ff0fb335f1b194d384ed8be8d9caf4c6da6ca26a0d500f16eb1770b3e207894b92d9f8ade0dc65bcdd1b20cf3bef0d1fa78399a299b3c03f6f841afa2be0	\\x3c22e662abb4edc198ead95a73c2b8831070af72da7498a09e9f829e312c9508	01a21117-b2b3-75be-9ffe-6622d98fcea8	processed	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00	none	general	{01a21117-b2cf-7b2e-b068-a0683d919e30}	\N
310117001	01a21117-b2dc-79dd-8649-5391859cc6ef	/songjiang/medical-insurance	e16	change.accident	2026-03-20 02:00:00+00	\\x253b874336fb6cb71ad4358e0385fccc96fba796937df1fca139cc25066ed464	\\x0101a55f955602e015246616a1909e5eaa0a13773c851b69417206e5d4a8c8e1e66d17dbb2eae6b98302e477e9fe587a7f7e649f05a21faf8246c552659c56db1778c6c992e5809ea3b8339dfdbd76e6ffaebc11bae36e9780ba27c207046897d6104016904c200dd01533e420f81e8ad255bcd5490d4fadda7be0c8a6bdb17a6e85b0a33e44f1d0b17d71baaccdd3fdaf099336440481b1502e5ff1d2303910ce1f631cd4634ac4f8843e82966a672f8e91e1725dc0fffbfd6318e5d2a687f46e97d8ad1113648aadbe3ad0cfdfe287ca1b048f79803657f4f5f4494defed5faba7be36abb3871cbcdadb6d022b3e2dc3c28ff9e3557c04fa70ed07eef864c093526f3279a0c585f9ab45eefaa659c176ac5a6634531b751474e0ecadd334e045dc1498205d45f2657d594ff24191e39d672b5bea0a7ba015c0f271c6acf4ef9a1712f607eb61a0c8b250d9ff30897e1c68687ad9d67959d8f11f06463c030263a9abe3597d88f82c8cb9c07c9c1e96d0483e6e7e23841f8e85ca38441d207eee87751caa8fe851b6a13dc40f9ea0e41c5cee22905d1891a05bae4dda24c54b582bffda71a60c6ac6b6cd9077a20efde0835420	\\x5cc4743b3fd1761fc221220e628964c1036fd40a556d52a2e5b72b7cd892ee7a	01a21117-b26c-704b-bc4f-a2b12527cc1c	processed	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00	general	high	{01a21117-b2f5-723e-81b0-d13dd2e10763}	\N
310117001	01a21117-b301-74d0-9120-0e0bcda619ee	/songjiang/medical-insurance	e17	change.accident	2026-03-20 02:00:00+00	\\x52b9a46effd416c3b667218e407b0285d6bbfaf41f3246a2b44109b60f178494	\\x01013eb6bb075f657a097574bf590d3601c6b5ce12423fce3d52281db3276477d3d3cf477a99a6ce17020e160f252ad0aaac1a05c691d7b1b1659ea7367a4107873043553849bee5998b7547aea4c6c87440fbe71e10ed074025b3b787ef0f35bd992e1642e4d03d9206e6fe0d7e5e693285b7357527e9798ccd27a35fe297c301d9e699afd7a663c92c9e064e5872e85384914e5d20d52ecdb3873ea597e811ff3f89cc9cc9f959800f75b5c521aa16efb4876e1a2ca53c2d97da0cc6828a708b0856a8716de1cc2d9d6aa54a3a8c697bde12655b4e475b01982e2cc529da7ce909fd605f0ddc3044c6ab23dea78c7d9b31a974cf3d0f4bccfcaeda606a083a0befbc6997c87e42106a48050e38790c2ab33b1b575ff657a5cc359e38b401956c8adb204ad30676215951e0711c55617437a28646fa65a0b3e30e1bdce9601b47545e05cbc096ec3349d7cbdccdd9d153b8fed4baaf96a5dada2bf5adc87aeaf985dc1b8e2d11a0bf6e8f8369637930bcd7cda5c87de3a550b0cbf9b7e69f6d667d1829c4d7b42c23054962016ecb8aa67f48a53ae6ada4ed5562e30f158e6b11eb927b5551970e2352b9085ffe0711ed7b9747	\\x540f7788802b34d12210b53b2d40fdf8c8caae5400b5218832f2e3b20ba422cd	01a21117-b291-7e7d-b2c1-128403bd418b	processed	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00	general	high	{01a21117-b31f-7e53-8d31-abf24dd28d9c}	\N
310117001	01a21117-b32c-765b-b404-f1fb767f0dfc	/songjiang/medical-insurance	e18	lead.reported	2026-03-20 02:00:00+00	\\xe35c814dda260f3128039e5faefed04161023c89d6b30e0b922e9a5f79ae507c	\\x0101389b3123e3e2dc69e0e0afd91458bb44ddcfc1cb4f19f615e964ca667f66504a567c424b3ad75a0b19709e0e508b067da4cf055ad707a67d4115a13d5485d6d1e140abde90dd50de4d7183f5995c0cd2786ef5e06e3a0b544ba1230d5d3ab48e563ef367e96b0230ef561054d6b70d8a8a2228d058458153e5b607dd4eb1d7f5b579aa3e4819a142ffd6ee32e4baf914e047fffa2bba8a93ab94d219b076005f13eddd2776ff30cc7008132a1b71af594c45237d3716947f578eff89726485c3f02609f7dd50fbed9f88c50d8cf553f4add81d95660dcd090c1ab28a2099b184f77f1439947166efbea17b173e2849d4791df15cc607f5f35503ab83dddd4ea7b8878bffc3308827d2297d2720a79353469d4619d5244f3ecbd158a50c516035f96c0f8f87e855727ebd0cc2027a394121ea4f55e44f0a94bbbfba853bb01ee2f597cf959f97c49a5f53859cd1adbd2bc936f883301ff4078c98f53a7e34ea8dc0822c2777c2f68ef8	\\x65a92930cd5ac06bf5ce8242a554ddd0c7eb3c0a12dc6d63d4937363df4aec4b	01a21117-b23a-7323-94ab-8b914a55307d	processed	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00	general	general	{}	\N
310117	01a21117-b34a-7546-a240-e84cfc761790	/songjiang/medical-insurance	e19	fact.recorded	2026-03-20 02:00:00+00	\\xfa1da7ca437f544cf322985347bd53d632838a1d2f295d19d7323194b1a09466	\\x01014616a5f5dabc1c8e961a73ac94ac24d404f7317939642a7ca8857260f5003174620cf64159269c33570330d204552822b8906fc8b4ddbe5e546669727f3cc7882ffe68967917201143373a06de38f23161b427258b971baaae468bc020da049103ab16f42e5e0b3586b61e7c4cc334505ac095d819142dc829b686a1f03f8a80199e96559a0028851b9d87c2e4bff3986e669bb7e2b5fe59b36dd960c8377635b690f9bbea1cc032eb1e97333a55637b08e600be47c4898f52ac4b47d6c025b9666504448695a33211e181e1f699ec2b98ecb2d3899433a484be482fd024d71b698721bb22de6a19839fcfd926a6e2a11a5e4a21873934acdf72026a838547af56af9934f775f1b37a0b0c4e08a759cbf297848f2100e36d095ad4df493374b460c18317c2c9c65298f8d5f9d53081104815965e3d2b1960f5f664503b0aecf534a544cc1382351f0ada128616b9086812833f0df94bc4fab6e2df969a4538d183910dfc33054d820bb32bcfe307fc8d84e1cee3194f50659c51990cee7544575995641b01fa1beec44c855494d764eea8e86e908e08dc5f1f4eaa209e59f0ccbec6b9b0c1a0e889f6710ac5b1cebaea995ab320d8f981fbe04331c3b775e5cc542e0852090d9131922c66b42bd9218499e31b7b245cad54c668b4a450f14eb3d801e8c38b5b6ec5f07e0ec3e0550cdbd9c78e72c34cb3ade02e77768f8260517e4d4e	\\x48d2f310adb28df2cab4dff32c56f34139b692b0ec4ce8d2df54151944d632df	\N	quarantined	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	\N	\N	\N	{}	unknown person: register them, or replay with street and committee
310117001	01a21117-b34e-7ba7-a1a7-cbcc81d52c09	/songjiang/medical-insurance	e20	warning.illness_poverty	2026-03-20 02:00:00+00	\\x87b45002055c8bd3b7f858bc819ec008c93c112c3c434775c9a24527d46eee74	\\x0101a2767af6e728fdb2d8940668fe46d1716c13659d04d0381facf0fb7aa8a78a8f4167c3077154f93c69a37fe3302d393324191bf132155cae7699a550e3dd05d3dddee66d416729c0132691b65335aa53af213b0c671227d90b8afe950929bff06958702e8ee21da4db6cf227b3ec14b47aedd5819b5f3cd439312537f20f8fae512254a757fe257bf2336ca68b1bb7e41b161d524bffc3dbbeb7e7c56289619a4590b49d7cffaa207ed6c15cfcf88e978bec4363d442656be51cc4e6993ee8e964ef1c9d8879c4dcebefd339c69b35565f9e8452665a7cd0152863e330ce6bc4f1025df7752ef686a1b118e9f9eac22812abfd2f3aa4b8154ca263bd933527abd2011eeea4bc1822ba4fad3a596e455576671ba58c50fc4ca8e63115998ff2b06014e0511985fc22a059b2a431af4cb934f89418d3e5b828fa692c759b9a60ff8fe9a779ab35558edcb52f887146cd72a77537e876d7950ddf71a8e5ba49c8d0f8156f89dc662bebac3e9482f5fcdf38a86f9ae3b5f1d5dbaf0b219fab86da642be54ff9ac331833bc9bfdf2281f32233f697a7241dd76d661d23ac0029a84434cf8baa17c67a947a92480d0c6fa0179986628e28c1f80962c6c775e95c17b51b91ff054953ff03a328522b088a355f6fa25	\\x65a92930cd5ac06bf5ce8242a554ddd0c7eb3c0a12dc6d63d4937363df4aec4b	01a21117-b23a-7323-94ab-8b914a55307d	processed	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00	general	general	{01a21117-b365-7ce7-8287-450bd56bd716}	\N
310117001	01a21117-b36f-785b-b39d-3a703240aa2c	/songjiang/medical-insurance	e20	warning.illness_poverty	2026-03-20 02:00:00+00	\\x492278305a790af455e500e181e6a843554d35a25591042e38c8dbd821e7481d	\\x0101871aa89c72e27fd343bef402f7b13d273191d31bf67416746b37cd4fe13d1b999320bf278876df4d5f072e0f7ceaae037f8666a0da1c0a1d870f448c316d36683ed6a9447888ef8d85164fe09f48eef2c9f1c74e755c0c13eec458d1873df6922776a5bac7147aa7ea68e83229d7c8e2030ae2a277073e558b7076df482a0887cebe5cae3bdb0eb4fc86dc176099b2e8efdd9155751613960296e468bfae62dbbd0fb23583ebe4926ef6b3b6253304c7f4dccbd1405164ad98aaa3c226dc03f0c3311dfa829047d147e34136256d5c80d8646808fb4a3a65f2ef4702dd32d306954e381648e8c72f18e83d7cd553e6dd84e981890c0b2772b40b97ea80d3beb033e997450da1e6802c2de215f15e61cead8657681456608995ad20c0dbab1b0ed78289f41d789c6ee1df270bdce62353dc256521c76258be78fd709ecdeb489c4d611bb99ec3d8db25fdf432f1cca704f5cd45de42ff518fd2c756e040d9581ab3eeeaeb588e15af50ec13aa0f6062d727b8d09dea36da88d7992aef053276c8bead1f75e4044aac36148bedd0a89ad834b953a27dde50161b9e6aa476ea90f57a67b60e25339e62adcb1b23a2219c17da8cec70659000f6967b2444f959f4965ed3a848f2ebb2c235e537459929c285ed77	\\x65a92930cd5ac06bf5ce8242a554ddd0c7eb3c0a12dc6d63d4937363df4aec4b	\N	conflict	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	0	\N	\N	\N	\N	{}	\N
310117001	01a21117-b911-7da0-bbe7-4aa12069dc70	/songjiang/medical-insurance	e21	resident.moved	2026-04-20 02:00:00+00	\\xf27dc663057ed411effc58274e4c8a87e95871f8281c9dd4251c45da7f15a15c	\\x0101da5b499af55d553650cff9f1d330672a0819346d4be4ef011de601da72457e81257e58522d57f42958b5a40325cc9ff84b798bddd97cb61e06f8770279b000be006dd71df80663b916bffc88c7f2a80577b7cae001fd12e37c13b3e70d49b22bf5bdfd53d27d3d1c47de7bb8272fded02055ffffb6b644ac81eaaf832c2ba3bd85fd85c4807750f1f0af66e8020bfd5bebb8c678e5ee63cbfe4a70a72f6c69017421caa250dd0ecc5c2f02122ae52038d4440dcb61d5e22e9574ec26f5310aef4a3fefc17a9bed05da375773d239770bf549f592db311328ac58e08d6a5f53a32608329f1d9cf4f8a8937ee0f86726127246305a5f1b4a088f6833f141154425c713b270d3f11ef8df3ac0a76eb8460c6d70c94cf8e988fbf7e2c529ba3e393943542e0aed397e0d0f5a1af0f72712acd76912e6546b6c7925778d9a48356d0b906a360ca3435d0e303a81ffe667e5145fd31a273abde54d39b1ad8fc865c0a23d6d7edd6a04c66510a1f943c6f1809b29fbed789dac21f0354ccfb3b17c5b63dc73c3ed5b44f8deaaf566ed5b75b9369b3c8fb8e4e03d5a43619ddfbe019841a029427d19d0e31e1ff4c9051e82c7e59ec6d890217f43a7968ed482bb761e9ce0341761b18585304554136ccc5ce8d8e5d7	\\x5cc4743b3fd1761fc221220e628964c1036fd40a556d52a2e5b72b7cd892ee7a	01a21117-b26c-704b-bc4f-a2b12527cc1c	processed	2026-04-20 02:00:00+00	2026-04-20 02:00:00+00	0	\N	2026-04-20 02:00:00+00	high	high	{}	\N
310117001	01a21117-b931-78d8-ab79-d607819f05b7	/songjiang/medical-insurance	e22	resident.moved	2026-04-20 02:00:00+00	\\xd69a849d8cf0c4bf2caf2dbdd81b4e70ecb399b604b333b38e127d224b81b210	\\x010188fb1629d18f8bf7838a8114d82702842415cdbedee6f114304a1ca8b7bba6408d05ab3d240247fb3bb20be9d366439fb4de96a8d53950329013c2025b9fc80666872f21121ff3b118cae0bebe612aadebb977d07229b506750f0fa8ac52e59699ec18e47038ac5188e68ff5132fd59487ace344d999d348a6093740c2c8d3939c63410c6e8b6cd400e834c29f6e95fb1f596bfcab3d0abe88dbcd5e961b61cb6f347688fa219a23d5bd5cac0484848bdadaa94da1fb7dce467d20f1670f79fb7e784ca99e04d467a305a66e8b8120f17e62221f1daee42c2a2327701d435d0d0d3f56506df0cb6650f4279d122898eacf0ec7d721f853d9f54ff2cc414b62dce33c3ee9a3e976f92b8a1a6763aa8764752ddbb145a0187841de7371e4fcd6455e5c28e19bffc31bfe85c8df60e6285faa887c96deb990f8ed39e39fc1e930262e8905eccc23b45312a160bfe378939b66914241b15b14332111f6b375e10c501f0e92d06d81ffb4eb542d97e4d028b74b21796ff90f0eb1485ac067e1f8f99e1644843aeda7d5319db3b5882ebfce981b5592d511b82c585ab0625b671ce57c9e8de4f81298c96918e5e52be9d47523179941961235b96acd17487b44849a0c6f0b120a70efff96db94e12a9f41e47ec057	\\x540f7788802b34d12210b53b2d40fdf8c8caae5400b5218832f2e3b20ba422cd	01a21117-b291-7e7d-b2c1-128403bd418b	processed	2026-04-20 02:00:00+00	2026-04-20 02:00:00+00	0	\N	2026-04-20 02:00:00+00	high	high	{01a21117-b31f-7e53-8d31-abf24dd28d9c}	\N
310117002	01a21117-b9c7-7659-8bc8-81af199a0760	/songjiang/medical-insurance	e23	resident.moved	2026-04-22 02:00:00+00	\\x3715c50f8dcb37d42a85f578fa52a1fa3192241afe690a48aade4102d79c0927	\\x01019a215606a167b90a8186d2e51d36dae2c0a3ea1aff06661b43a3ef87e95dfcd5d8d7d908e71855f95749a0a81fdae81dd0f904934a1afb19e6f64f61c2d01a3527e353310a009fb26f58fbc4b8710e4c48beedb41a1c8e628c2a39f84448e18b400e795061a7b42ec89244f6522d5151052d49af35dfbbea3f32db99a5b289cb7e2b2f414aa68279b02fb5d5ad588d48cd58550c9910fd129b88872b13781ce76a23fa0d8d72bbd82f297d02f0e3334991edff94e2b1dcbe83d9edc2f495c94f934fd451005291da60b94b5920c3fbb8a02d82b06fc0d6d552dc9238efb59d3cb99b79e2f84cbcf2bfec14dd0ce9ee3b46ce83e9cfb99c3b94a727ac3fa889bdd562227e88d4bab187355a07e64d5f003a7713ac17ec2776cd48e02641cd8481ed6e33b5b7a1abc6e09a728b642743d66dfe3bcde0688bf8c9f780bf5efe3fae904d56634edf17160d97f2fac01c600448655e4c760da73ba4b116e4e516c8094e5d53c56bf096572ae090be69f0a8dbeb8da95f75c1c834fd6e6269164e95254a25fc0e0e59ce4f989ca5c2d6131dc1ab66db4e27c2d1c0937cf0e142d8db58ec0fa41c2a0fbabe6cf23a113d40aec3d2429181ea19975396779e8389481d4c1618e8939b74a0afa8ba40886b16f0453896	\\x5cc4743b3fd1761fc221220e628964c1036fd40a556d52a2e5b72b7cd892ee7a	01a21117-b26c-704b-bc4f-a2b12527cc1c	processed	2026-04-22 02:00:00+00	2026-04-22 02:00:00+00	0	\N	2026-04-22 02:00:00+00	high	high	{}	\N
310117002	01a21117-bc85-7255-8d97-d0b64a8ef6bc	/songjiang/medical-insurance	e24	warning.illness_poverty	2026-05-11 02:00:00+00	\\x4b806011664f2f055e2d70303b8e96b3d636f2f72f02ecd32cec680068b3037f	\\x0101b6884b5cfe2976238d1b920f2340e4cc4169da9dbb9aefff8a12b7e2c7e0cc9155612690a42ff5ef4a09bd28bd3a6143292fc369d7b2af8286b5a8af0c0cfc8cd3ec0f88d9f964b7f3ee9f8264d7340bb20b4f52afb73d5889bbc5bff2318e1d93216119ae9f4a9eeaf862fcc78c8fb11962a701423491059be3a13483e43ea414e4b0177f38279b9d46953a033a180c3b15e9973d1d71bceeb68fe980c87606056009ad44e738d514e131e9aa5914fb90ca19519439213b6948cd34618145c39fe8dc7181b3e225b8f22b31748f0e88e80d3aedc6452983d1aa02ab292b828e1df73b3657ec4ed4b1aa7119f9af98c2546ef55c0af0fae3d14894a9055d2ddabe51f94dbd2277825bba4e1a99d42b00d13fb79c1a5c6e16f5af38c984cd3eb50009d941c24cb07d07d169234e4d052777383be6e8b3a2b62bf437c6acfaa8d106f958bc95a09b5d36dacbc5af04686b52a52ad13d5513faa11c2b0b15dda954921eac905427ac3b629bc30ff93f20f2b9b4b3636aa177e84b7559e76b4bc2a146be84f1b799850fd1bfce619e8c52ce0e3532e7b284c516a6ee557a3de39dfc15a79a7ebb5d3eb6261a234395dfe51dec3acb90	\\x3c22e662abb4edc198ead95a73c2b8831070af72da7498a09e9f829e312c9508	01a21117-b2b3-75be-9ffe-6622d98fcea8	accepted	2026-05-11 02:00:00+00	2026-05-11 02:00:00+00	0	\N	\N	\N	\N	{}	\N
\.


--
-- Data for Name: attempt; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.attempt (street_code, attempt_id, task_id, resident_id, outcome, "on", note, by_user_id, created_at) FROM stdin;
310117001	01a21117-b3ca-7425-a713-686285c0f5f4	01a21117-b2f5-723e-81b0-d13dd2e10763	01a21117-b26c-704b-bc4f-a2b12527cc1c	not_home	2026-03-20	\N	01a21117-b141-79f5-b9bc-7c70591b059f	2026-03-20 02:00:00+00
\.


--
-- Data for Name: calendar_day; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.calendar_day (day, working, label, source) FROM stdin;
2026-01-01	f	New Year's Day	chinesecalendar 1.11.0
2026-01-02	f	New Year's Day	chinesecalendar 1.11.0
2026-01-03	f	New Year's Day	chinesecalendar 1.11.0
2026-01-04	t	New Year's Day	chinesecalendar 1.11.0
2026-01-05	t		chinesecalendar 1.11.0
2026-01-06	t		chinesecalendar 1.11.0
2026-01-07	t		chinesecalendar 1.11.0
2026-01-08	t		chinesecalendar 1.11.0
2026-01-09	t		chinesecalendar 1.11.0
2026-01-10	f		chinesecalendar 1.11.0
2026-01-11	f		chinesecalendar 1.11.0
2026-01-12	t		chinesecalendar 1.11.0
2026-01-13	t		chinesecalendar 1.11.0
2026-01-14	t		chinesecalendar 1.11.0
2026-01-15	t		chinesecalendar 1.11.0
2026-01-16	t		chinesecalendar 1.11.0
2026-01-17	f		chinesecalendar 1.11.0
2026-01-18	f		chinesecalendar 1.11.0
2026-01-19	t		chinesecalendar 1.11.0
2026-01-20	t		chinesecalendar 1.11.0
2026-01-21	t		chinesecalendar 1.11.0
2026-01-22	t		chinesecalendar 1.11.0
2026-01-23	t		chinesecalendar 1.11.0
2026-01-24	f		chinesecalendar 1.11.0
2026-01-25	f		chinesecalendar 1.11.0
2026-01-26	t		chinesecalendar 1.11.0
2026-01-27	t		chinesecalendar 1.11.0
2026-01-28	t		chinesecalendar 1.11.0
2026-01-29	t		chinesecalendar 1.11.0
2026-01-30	t		chinesecalendar 1.11.0
2026-01-31	f		chinesecalendar 1.11.0
2026-02-01	f		chinesecalendar 1.11.0
2026-02-02	t		chinesecalendar 1.11.0
2026-02-03	t		chinesecalendar 1.11.0
2026-02-04	t		chinesecalendar 1.11.0
2026-02-05	t		chinesecalendar 1.11.0
2026-02-06	t		chinesecalendar 1.11.0
2026-02-07	f		chinesecalendar 1.11.0
2026-02-08	f		chinesecalendar 1.11.0
2026-02-09	t		chinesecalendar 1.11.0
2026-02-10	t		chinesecalendar 1.11.0
2026-02-11	t		chinesecalendar 1.11.0
2026-02-12	t		chinesecalendar 1.11.0
2026-02-13	t		chinesecalendar 1.11.0
2026-02-14	t	Spring Festival	chinesecalendar 1.11.0
2026-02-15	f	Spring Festival	chinesecalendar 1.11.0
2026-02-16	f	Spring Festival	chinesecalendar 1.11.0
2026-02-17	f	Spring Festival	chinesecalendar 1.11.0
2026-02-18	f	Spring Festival	chinesecalendar 1.11.0
2026-02-19	f	Spring Festival	chinesecalendar 1.11.0
2026-02-20	f	Spring Festival	chinesecalendar 1.11.0
2026-02-21	f	Spring Festival	chinesecalendar 1.11.0
2026-02-22	f	Spring Festival	chinesecalendar 1.11.0
2026-02-23	f	Spring Festival	chinesecalendar 1.11.0
2026-02-24	t		chinesecalendar 1.11.0
2026-02-25	t		chinesecalendar 1.11.0
2026-02-26	t		chinesecalendar 1.11.0
2026-02-27	t		chinesecalendar 1.11.0
2026-02-28	t	Spring Festival	chinesecalendar 1.11.0
2026-03-01	f		chinesecalendar 1.11.0
2026-03-02	t		chinesecalendar 1.11.0
2026-03-03	t		chinesecalendar 1.11.0
2026-03-04	t		chinesecalendar 1.11.0
2026-03-05	t		chinesecalendar 1.11.0
2026-03-06	t		chinesecalendar 1.11.0
2026-03-07	f		chinesecalendar 1.11.0
2026-03-08	f		chinesecalendar 1.11.0
2026-03-09	t		chinesecalendar 1.11.0
2026-03-10	t		chinesecalendar 1.11.0
2026-03-11	t		chinesecalendar 1.11.0
2026-03-12	t		chinesecalendar 1.11.0
2026-03-13	t		chinesecalendar 1.11.0
2026-03-14	f		chinesecalendar 1.11.0
2026-03-15	f		chinesecalendar 1.11.0
2026-03-16	t		chinesecalendar 1.11.0
2026-03-17	t		chinesecalendar 1.11.0
2026-03-18	t		chinesecalendar 1.11.0
2026-03-19	t		chinesecalendar 1.11.0
2026-03-20	t		chinesecalendar 1.11.0
2026-03-21	f		chinesecalendar 1.11.0
2026-03-22	f		chinesecalendar 1.11.0
2026-03-23	t		chinesecalendar 1.11.0
2026-03-24	t		chinesecalendar 1.11.0
2026-03-25	t		chinesecalendar 1.11.0
2026-03-26	t		chinesecalendar 1.11.0
2026-03-27	t		chinesecalendar 1.11.0
2026-03-28	f		chinesecalendar 1.11.0
2026-03-29	f		chinesecalendar 1.11.0
2026-03-30	t		chinesecalendar 1.11.0
2026-03-31	t		chinesecalendar 1.11.0
2026-04-01	t		chinesecalendar 1.11.0
2026-04-02	t		chinesecalendar 1.11.0
2026-04-03	t		chinesecalendar 1.11.0
2026-04-04	f	Tomb-sweeping Day	chinesecalendar 1.11.0
2026-04-05	f	Tomb-sweeping Day	chinesecalendar 1.11.0
2026-04-06	f	Tomb-sweeping Day	chinesecalendar 1.11.0
2026-04-07	t		chinesecalendar 1.11.0
2026-04-08	t		chinesecalendar 1.11.0
2026-04-09	t		chinesecalendar 1.11.0
2026-04-10	t		chinesecalendar 1.11.0
2026-04-11	f		chinesecalendar 1.11.0
2026-04-12	f		chinesecalendar 1.11.0
2026-04-13	t		chinesecalendar 1.11.0
2026-04-14	t		chinesecalendar 1.11.0
2026-04-15	t		chinesecalendar 1.11.0
2026-04-16	t		chinesecalendar 1.11.0
2026-04-17	t		chinesecalendar 1.11.0
2026-04-18	f		chinesecalendar 1.11.0
2026-04-19	f		chinesecalendar 1.11.0
2026-04-20	t		chinesecalendar 1.11.0
2026-04-21	t		chinesecalendar 1.11.0
2026-04-22	t		chinesecalendar 1.11.0
2026-04-23	t		chinesecalendar 1.11.0
2026-04-24	t		chinesecalendar 1.11.0
2026-04-25	f		chinesecalendar 1.11.0
2026-04-26	f		chinesecalendar 1.11.0
2026-04-27	t		chinesecalendar 1.11.0
2026-04-28	t		chinesecalendar 1.11.0
2026-04-29	t		chinesecalendar 1.11.0
2026-04-30	t		chinesecalendar 1.11.0
2026-05-01	f	Labour Day	chinesecalendar 1.11.0
2026-05-02	f	Labour Day	chinesecalendar 1.11.0
2026-05-03	f	Labour Day	chinesecalendar 1.11.0
2026-05-04	f	Labour Day	chinesecalendar 1.11.0
2026-05-05	f	Labour Day	chinesecalendar 1.11.0
2026-05-06	t		chinesecalendar 1.11.0
2026-05-07	t		chinesecalendar 1.11.0
2026-05-08	t		chinesecalendar 1.11.0
2026-05-09	t	Labour Day	chinesecalendar 1.11.0
2026-05-10	f		chinesecalendar 1.11.0
2026-05-11	t		chinesecalendar 1.11.0
2026-05-12	t		chinesecalendar 1.11.0
2026-05-13	t		chinesecalendar 1.11.0
2026-05-14	t		chinesecalendar 1.11.0
2026-05-15	t		chinesecalendar 1.11.0
2026-05-16	f		chinesecalendar 1.11.0
2026-05-17	f		chinesecalendar 1.11.0
2026-05-18	t		chinesecalendar 1.11.0
2026-05-19	t		chinesecalendar 1.11.0
2026-05-20	t		chinesecalendar 1.11.0
2026-05-21	t		chinesecalendar 1.11.0
2026-05-22	t		chinesecalendar 1.11.0
2026-05-23	f		chinesecalendar 1.11.0
2026-05-24	f		chinesecalendar 1.11.0
2026-05-25	t		chinesecalendar 1.11.0
2026-05-26	t		chinesecalendar 1.11.0
2026-05-27	t		chinesecalendar 1.11.0
2026-05-28	t		chinesecalendar 1.11.0
2026-05-29	t		chinesecalendar 1.11.0
2026-05-30	f		chinesecalendar 1.11.0
2026-05-31	f		chinesecalendar 1.11.0
2026-06-01	t		chinesecalendar 1.11.0
2026-06-02	t		chinesecalendar 1.11.0
2026-06-03	t		chinesecalendar 1.11.0
2026-06-04	t		chinesecalendar 1.11.0
2026-06-05	t		chinesecalendar 1.11.0
2026-06-06	f		chinesecalendar 1.11.0
2026-06-07	f		chinesecalendar 1.11.0
2026-06-08	t		chinesecalendar 1.11.0
2026-06-09	t		chinesecalendar 1.11.0
2026-06-10	t		chinesecalendar 1.11.0
2026-06-11	t		chinesecalendar 1.11.0
2026-06-12	t		chinesecalendar 1.11.0
2026-06-13	f		chinesecalendar 1.11.0
2026-06-14	f		chinesecalendar 1.11.0
2026-06-15	t		chinesecalendar 1.11.0
2026-06-16	t		chinesecalendar 1.11.0
2026-06-17	t		chinesecalendar 1.11.0
2026-06-18	t		chinesecalendar 1.11.0
2026-06-19	f	Dragon Boat Festival	chinesecalendar 1.11.0
2026-06-20	f	Dragon Boat Festival	chinesecalendar 1.11.0
2026-06-21	f	Dragon Boat Festival	chinesecalendar 1.11.0
2026-06-22	t		chinesecalendar 1.11.0
2026-06-23	t		chinesecalendar 1.11.0
2026-06-24	t		chinesecalendar 1.11.0
2026-06-25	t		chinesecalendar 1.11.0
2026-06-26	t		chinesecalendar 1.11.0
2026-06-27	f		chinesecalendar 1.11.0
2026-06-28	f		chinesecalendar 1.11.0
2026-06-29	t		chinesecalendar 1.11.0
2026-06-30	t		chinesecalendar 1.11.0
2026-07-01	t		chinesecalendar 1.11.0
2026-07-02	t		chinesecalendar 1.11.0
2026-07-03	t		chinesecalendar 1.11.0
2026-07-04	f		chinesecalendar 1.11.0
2026-07-05	f		chinesecalendar 1.11.0
2026-07-06	t		chinesecalendar 1.11.0
2026-07-07	t		chinesecalendar 1.11.0
2026-07-08	t		chinesecalendar 1.11.0
2026-07-09	t		chinesecalendar 1.11.0
2026-07-10	t		chinesecalendar 1.11.0
2026-07-11	f		chinesecalendar 1.11.0
2026-07-12	f		chinesecalendar 1.11.0
2026-07-13	t		chinesecalendar 1.11.0
2026-07-14	t		chinesecalendar 1.11.0
2026-07-15	t		chinesecalendar 1.11.0
2026-07-16	t		chinesecalendar 1.11.0
2026-07-17	t		chinesecalendar 1.11.0
2026-07-18	f		chinesecalendar 1.11.0
2026-07-19	f		chinesecalendar 1.11.0
2026-07-20	t		chinesecalendar 1.11.0
2026-07-21	t		chinesecalendar 1.11.0
2026-07-22	t		chinesecalendar 1.11.0
2026-07-23	t		chinesecalendar 1.11.0
2026-07-24	t		chinesecalendar 1.11.0
2026-07-25	f		chinesecalendar 1.11.0
2026-07-26	f		chinesecalendar 1.11.0
2026-07-27	t		chinesecalendar 1.11.0
2026-07-28	t		chinesecalendar 1.11.0
2026-07-29	t		chinesecalendar 1.11.0
2026-07-30	t		chinesecalendar 1.11.0
2026-07-31	t		chinesecalendar 1.11.0
2026-08-01	f		chinesecalendar 1.11.0
2026-08-02	f		chinesecalendar 1.11.0
2026-08-03	t		chinesecalendar 1.11.0
2026-08-04	t		chinesecalendar 1.11.0
2026-08-05	t		chinesecalendar 1.11.0
2026-08-06	t		chinesecalendar 1.11.0
2026-08-07	t		chinesecalendar 1.11.0
2026-08-08	f		chinesecalendar 1.11.0
2026-08-09	f		chinesecalendar 1.11.0
2026-08-10	t		chinesecalendar 1.11.0
2026-08-11	t		chinesecalendar 1.11.0
2026-08-12	t		chinesecalendar 1.11.0
2026-08-13	t		chinesecalendar 1.11.0
2026-08-14	t		chinesecalendar 1.11.0
2026-08-15	f		chinesecalendar 1.11.0
2026-08-16	f		chinesecalendar 1.11.0
2026-08-17	t		chinesecalendar 1.11.0
2026-08-18	t		chinesecalendar 1.11.0
2026-08-19	t		chinesecalendar 1.11.0
2026-08-20	t		chinesecalendar 1.11.0
2026-08-21	t		chinesecalendar 1.11.0
2026-08-22	f		chinesecalendar 1.11.0
2026-08-23	f		chinesecalendar 1.11.0
2026-08-24	t		chinesecalendar 1.11.0
2026-08-25	t		chinesecalendar 1.11.0
2026-08-26	t		chinesecalendar 1.11.0
2026-08-27	t		chinesecalendar 1.11.0
2026-08-28	t		chinesecalendar 1.11.0
2026-08-29	f		chinesecalendar 1.11.0
2026-08-30	f		chinesecalendar 1.11.0
2026-08-31	t		chinesecalendar 1.11.0
2026-09-01	t		chinesecalendar 1.11.0
2026-09-02	t		chinesecalendar 1.11.0
2026-09-03	t		chinesecalendar 1.11.0
2026-09-04	t		chinesecalendar 1.11.0
2026-09-05	f		chinesecalendar 1.11.0
2026-09-06	f		chinesecalendar 1.11.0
2026-09-07	t		chinesecalendar 1.11.0
2026-09-08	t		chinesecalendar 1.11.0
2026-09-09	t		chinesecalendar 1.11.0
2026-09-10	t		chinesecalendar 1.11.0
2026-09-11	t		chinesecalendar 1.11.0
2026-09-12	f		chinesecalendar 1.11.0
2026-09-13	f		chinesecalendar 1.11.0
2026-09-14	t		chinesecalendar 1.11.0
2026-09-15	t		chinesecalendar 1.11.0
2026-09-16	t		chinesecalendar 1.11.0
2026-09-17	t		chinesecalendar 1.11.0
2026-09-18	t		chinesecalendar 1.11.0
2026-09-19	f		chinesecalendar 1.11.0
2026-09-20	t	National Day	chinesecalendar 1.11.0
2026-09-21	t		chinesecalendar 1.11.0
2026-09-22	t		chinesecalendar 1.11.0
2026-09-23	t		chinesecalendar 1.11.0
2026-09-24	t		chinesecalendar 1.11.0
2026-09-25	f	Mid-autumn Festival	chinesecalendar 1.11.0
2026-09-26	f	Mid-autumn Festival	chinesecalendar 1.11.0
2026-09-27	f	Mid-autumn Festival	chinesecalendar 1.11.0
2026-09-28	t		chinesecalendar 1.11.0
2026-09-29	t		chinesecalendar 1.11.0
2026-09-30	t		chinesecalendar 1.11.0
2026-10-01	f	National Day	chinesecalendar 1.11.0
2026-10-02	f	National Day	chinesecalendar 1.11.0
2026-10-03	f	National Day	chinesecalendar 1.11.0
2026-10-04	f	National Day	chinesecalendar 1.11.0
2026-10-05	f	National Day	chinesecalendar 1.11.0
2026-10-06	f	National Day	chinesecalendar 1.11.0
2026-10-07	f	National Day	chinesecalendar 1.11.0
2026-10-08	t		chinesecalendar 1.11.0
2026-10-09	t		chinesecalendar 1.11.0
2026-10-10	t	National Day	chinesecalendar 1.11.0
2026-10-11	f		chinesecalendar 1.11.0
2026-10-12	t		chinesecalendar 1.11.0
2026-10-13	t		chinesecalendar 1.11.0
2026-10-14	t		chinesecalendar 1.11.0
2026-10-15	t		chinesecalendar 1.11.0
2026-10-16	t		chinesecalendar 1.11.0
2026-10-17	f		chinesecalendar 1.11.0
2026-10-18	f		chinesecalendar 1.11.0
2026-10-19	t		chinesecalendar 1.11.0
2026-10-20	t		chinesecalendar 1.11.0
2026-10-21	t		chinesecalendar 1.11.0
2026-10-22	t		chinesecalendar 1.11.0
2026-10-23	t		chinesecalendar 1.11.0
2026-10-24	f		chinesecalendar 1.11.0
2026-10-25	f		chinesecalendar 1.11.0
2026-10-26	t		chinesecalendar 1.11.0
2026-10-27	t		chinesecalendar 1.11.0
2026-10-28	t		chinesecalendar 1.11.0
2026-10-29	t		chinesecalendar 1.11.0
2026-10-30	t		chinesecalendar 1.11.0
2026-10-31	f		chinesecalendar 1.11.0
2026-11-01	f		chinesecalendar 1.11.0
2026-11-02	t		chinesecalendar 1.11.0
2026-11-03	t		chinesecalendar 1.11.0
2026-11-04	t		chinesecalendar 1.11.0
2026-11-05	t		chinesecalendar 1.11.0
2026-11-06	t		chinesecalendar 1.11.0
2026-11-07	f		chinesecalendar 1.11.0
2026-11-08	f		chinesecalendar 1.11.0
2026-11-09	t		chinesecalendar 1.11.0
2026-11-10	t		chinesecalendar 1.11.0
2026-11-11	t		chinesecalendar 1.11.0
2026-11-12	t		chinesecalendar 1.11.0
2026-11-13	t		chinesecalendar 1.11.0
2026-11-14	f		chinesecalendar 1.11.0
2026-11-15	f		chinesecalendar 1.11.0
2026-11-16	t		chinesecalendar 1.11.0
2026-11-17	t		chinesecalendar 1.11.0
2026-11-18	t		chinesecalendar 1.11.0
2026-11-19	t		chinesecalendar 1.11.0
2026-11-20	t		chinesecalendar 1.11.0
2026-11-21	f		chinesecalendar 1.11.0
2026-11-22	f		chinesecalendar 1.11.0
2026-11-23	t		chinesecalendar 1.11.0
2026-11-24	t		chinesecalendar 1.11.0
2026-11-25	t		chinesecalendar 1.11.0
2026-11-26	t		chinesecalendar 1.11.0
2026-11-27	t		chinesecalendar 1.11.0
2026-11-28	f		chinesecalendar 1.11.0
2026-11-29	f		chinesecalendar 1.11.0
2026-11-30	t		chinesecalendar 1.11.0
2026-12-01	t		chinesecalendar 1.11.0
2026-12-02	t		chinesecalendar 1.11.0
2026-12-03	t		chinesecalendar 1.11.0
2026-12-04	t		chinesecalendar 1.11.0
2026-12-05	f		chinesecalendar 1.11.0
2026-12-06	f		chinesecalendar 1.11.0
2026-12-07	t		chinesecalendar 1.11.0
2026-12-08	t		chinesecalendar 1.11.0
2026-12-09	t		chinesecalendar 1.11.0
2026-12-10	t		chinesecalendar 1.11.0
2026-12-11	t		chinesecalendar 1.11.0
2026-12-12	f		chinesecalendar 1.11.0
2026-12-13	f		chinesecalendar 1.11.0
2026-12-14	t		chinesecalendar 1.11.0
2026-12-15	t		chinesecalendar 1.11.0
2026-12-16	t		chinesecalendar 1.11.0
2026-12-17	t		chinesecalendar 1.11.0
2026-12-18	t		chinesecalendar 1.11.0
2026-12-19	f		chinesecalendar 1.11.0
2026-12-20	f		chinesecalendar 1.11.0
2026-12-21	t		chinesecalendar 1.11.0
2026-12-22	t		chinesecalendar 1.11.0
2026-12-23	t		chinesecalendar 1.11.0
2026-12-24	t		chinesecalendar 1.11.0
2026-12-25	t		chinesecalendar 1.11.0
2026-12-26	f		chinesecalendar 1.11.0
2026-12-27	f		chinesecalendar 1.11.0
2026-12-28	t		chinesecalendar 1.11.0
2026-12-29	t		chinesecalendar 1.11.0
2026-12-30	t		chinesecalendar 1.11.0
2026-12-31	t		chinesecalendar 1.11.0
\.


--
-- Data for Name: claim; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.claim (street_code, claim_id, alert_ids, server_started_at, claimed_at) FROM stdin;
310117002	01a21117-bc89-771f-8601-27ef2de3859e	{01a21117-bc85-7255-8d97-d0b64a8ef6bc}	2026-11-25 05:04:54.478195+00	2026-11-25 05:04:57.99323+00
\.


--
-- Data for Name: committee; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.committee (code, street_code, name, kind, valid_from, valid_to) FROM stdin;
310117001001	310117001	龙潭社区居委会	neighbourhood_committee	2023-06-30	\N
310117001002	310117001	醉白池社区居委会	neighbourhood_committee	2023-06-30	\N
310117001003	310117001	金沙滩社区居委会	neighbourhood_committee	2023-06-30	\N
310117001005	310117001	太平社区居委会	neighbourhood_committee	2023-06-30	\N
310117001009	310117001	西新桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117001010	310117001	西林塔社区居委会	neighbourhood_committee	2023-06-30	\N
310117001011	310117001	佛字桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117001012	310117001	马路桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117001013	310117001	长桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117001014	310117001	景德路社区居委会	neighbourhood_committee	2023-06-30	\N
310117001015	310117001	通波社区居委会	neighbourhood_committee	2023-06-30	\N
310117001016	310117001	菜花泾社区居委会	neighbourhood_committee	2023-06-30	\N
310117001017	310117001	蒋泾社区居委会	neighbourhood_committee	2023-06-30	\N
310117001018	310117001	荣乐社区居委会	neighbourhood_committee	2023-06-30	\N
310117001019	310117001	人乐社区居委会	neighbourhood_committee	2023-06-30	\N
310117001020	310117001	凤凰新村社区居委会	neighbourhood_committee	2023-06-30	\N
310117001023	310117001	九峰社区居委会	neighbourhood_committee	2023-06-30	\N
310117001024	310117001	黑鱼弄社区居委会	neighbourhood_committee	2023-06-30	\N
310117001025	310117001	高乐社区居委会	neighbourhood_committee	2023-06-30	\N
310117001026	310117001	人民桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117001027	310117001	龙兴社区居委会	neighbourhood_committee	2023-06-30	\N
310117001028	310117001	民乐社区居委会	neighbourhood_committee	2023-06-30	\N
310117001030	310117001	白洋社区居委会	neighbourhood_committee	2023-06-30	\N
310117001031	310117001	方舟园社区居委会	neighbourhood_committee	2023-06-30	\N
310117001032	310117001	松乐苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117001033	310117001	戴家浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117002003	310117002	秀南社区居委会	neighbourhood_committee	2023-06-30	\N
310117002004	310117002	仓城社区居委会	neighbourhood_committee	2023-06-30	\N
310117002006	310117002	仓桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117002008	310117002	周星社区居委会	neighbourhood_committee	2023-06-30	\N
310117002009	310117002	薛家社区居委会	neighbourhood_committee	2023-06-30	\N
310117002010	310117002	仓吉社区居委会	neighbourhood_committee	2023-06-30	\N
310117002011	310117002	盐仓社区居委会	neighbourhood_committee	2023-06-30	\N
310117002012	310117002	玉乐社区居委会	neighbourhood_committee	2023-06-30	\N
310117002013	310117002	三星苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117002014	310117002	花园浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117002016	310117002	玉荣社区居委会	neighbourhood_committee	2023-06-30	\N
310117002017	310117002	银杏苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117002018	310117002	三辰苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117002020	310117002	五丰苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117002021	310117002	兴日家园社区居委会	neighbourhood_committee	2023-06-30	\N
310117002022	310117002	华亭荣园社区居委会	neighbourhood_committee	2023-06-30	\N
310117002023	310117002	百合苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117002024	310117002	新理想社区居委会	neighbourhood_committee	2023-06-30	\N
310117002025	310117002	金色华亭社区居委会	neighbourhood_committee	2023-06-30	\N
310117002026	310117002	金地艺境社区居委会	neighbourhood_committee	2023-06-30	\N
310117002027	310117002	玉树社区居委会	neighbourhood_committee	2023-06-30	\N
310117002028	310117002	海尚名都社区居委会	neighbourhood_committee	2023-06-30	\N
310117002029	310117002	谷水佳苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117002030	310117002	辰丰苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117002031	310117002	玉阳苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003001	310117003	放生池社区居委会	neighbourhood_committee	2023-06-30	\N
310117003002	310117003	江虹社区居委会	neighbourhood_committee	2023-06-30	\N
310117003003	310117003	天乐社区居委会	neighbourhood_committee	2023-06-30	\N
310117003005	310117003	江中社区居委会	neighbourhood_committee	2023-06-30	\N
310117003006	310117003	绿庭苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003007	310117003	祥和社区居委会	neighbourhood_committee	2023-06-30	\N
310117003008	310117003	兰桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117003009	310117003	鼎信社区居委会	neighbourhood_committee	2023-06-30	\N
310117003010	310117003	开元小区社区居委会	neighbourhood_committee	2023-06-30	\N
310117003011	310117003	世纪小区社区居委会	neighbourhood_committee	2023-06-30	\N
310117003012	310117003	檀香小区社区居委会	neighbourhood_committee	2023-06-30	\N
310117003016	310117003	建设社区居委会	neighbourhood_committee	2023-06-30	\N
310117003018	310117003	湖畔天地社区居委会	neighbourhood_committee	2023-06-30	\N
310117003019	310117003	紫东新苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003020	310117003	名庭花苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003023	310117003	海德名园社区居委会	neighbourhood_committee	2023-06-30	\N
310117003024	310117003	久阳文华社区居委会	neighbourhood_committee	2023-06-30	\N
310117003025	310117003	润峰苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003026	310117003	昌鑫花园社区居委会	neighbourhood_committee	2023-06-30	\N
310117003027	310117003	泰唔士小镇社区居委会	neighbourhood_committee	2023-06-30	\N
310117003028	310117003	原野社区居委会	neighbourhood_committee	2023-06-30	\N
310117003032	310117003	安琪花苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003033	310117003	华亭社区居委会	neighbourhood_committee	2023-06-30	\N
310117003034	310117003	珠江新城社区居委会	neighbourhood_committee	2023-06-30	\N
310117003035	310117003	月亮河社区居委会	neighbourhood_committee	2023-06-30	\N
310117003036	310117003	上泰绅苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003037	310117003	锦桂苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003038	310117003	英郡别苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117003039	310117003	东鼎社区居委会	neighbourhood_committee	2023-06-30	\N
310117003040	310117003	阳光翠庭社区居委会	neighbourhood_committee	2023-06-30	\N
310117003041	310117003	浪琴水岸社区居委会	neighbourhood_committee	2023-06-30	\N
310117003042	310117003	德邑小城社区居委会	neighbourhood_committee	2023-06-30	\N
310117004001	310117004	茸梅社区居委会	neighbourhood_committee	2023-06-30	\N
310117004002	310117004	北门社区居委会	neighbourhood_committee	2023-06-30	\N
310117004003	310117004	白云社区居委会	neighbourhood_committee	2023-06-30	\N
310117004005	310117004	平桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117004006	310117004	东外社区居委会	neighbourhood_committee	2023-06-30	\N
310117004008	310117004	方东社区居委会	neighbourhood_committee	2023-06-30	\N
310117004009	310117004	方西社区居委会	neighbourhood_committee	2023-06-30	\N
310117004011	310117004	南门社区居委会	neighbourhood_committee	2023-06-30	\N
310117004012	310117004	五龙社区居委会	neighbourhood_committee	2023-06-30	\N
310117004013	310117004	花桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117004014	310117004	中山苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117004015	310117004	蓝天一村社区居委会	neighbourhood_committee	2023-06-30	\N
310117004016	310117004	蓝天二村社区居委会	neighbourhood_committee	2023-06-30	\N
310117004018	310117004	蓝天四村社区居委会	neighbourhood_committee	2023-06-30	\N
310117004019	310117004	蓝天五村社区居委会	neighbourhood_committee	2023-06-30	\N
310117004020	310117004	莱顿社区居委会	neighbourhood_committee	2023-06-30	\N
310117004021	310117004	黄渡浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117004022	310117004	同济雅筑社区居委会	neighbourhood_committee	2023-06-30	\N
310117004023	310117004	淡家浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117004024	310117004	茸星社区居委会	neighbourhood_committee	2023-06-30	\N
310117004025	310117004	郭家娄社区居委会	neighbourhood_committee	2023-06-30	\N
310117004026	310117004	茸树社区居委会	neighbourhood_committee	2023-06-30	\N
310117005001	310117005	松云水苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117005002	310117005	西子湾社区居委会	neighbourhood_committee	2023-06-30	\N
310117005003	310117005	御上海社区居委会	neighbourhood_committee	2023-06-30	\N
310117005004	310117005	星辰园社区居委会	neighbourhood_committee	2023-06-30	\N
310117005005	310117005	三湘四季社区居委会	neighbourhood_committee	2023-06-30	\N
310117005006	310117005	文翔名苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117005007	310117005	蔷薇社区居委会	neighbourhood_committee	2023-06-30	\N
310117005009	310117005	丁香社区居委会	neighbourhood_committee	2023-06-30	\N
310117005010	310117005	谷水湾社区居委会	neighbourhood_committee	2023-06-30	\N
310117005011	310117005	上林社区居委会	neighbourhood_committee	2023-06-30	\N
310117005012	310117005	银源社区居委会	neighbourhood_committee	2023-06-30	\N
310117005013	310117005	辰富社区居委会	neighbourhood_committee	2023-06-30	\N
310117005015	310117005	悦都社区居委会	neighbourhood_committee	2023-06-30	\N
310117005017	310117005	仓兴社区居委会	neighbourhood_committee	2023-06-30	\N
310117005018	310117005	银泽社区居委会	neighbourhood_committee	2023-06-30	\N
310117005020	310117005	银河社区居委会	neighbourhood_committee	2023-06-30	\N
310117006001	310117006	九里亭社区居委会	neighbourhood_committee	2023-06-30	\N
310117006002	310117006	亭汇社区居委会	neighbourhood_committee	2023-06-30	\N
310117006003	310117006	知雅汇社区居委会	neighbourhood_committee	2023-06-30	\N
310117006006	310117006	中大社区居委会	neighbourhood_committee	2023-06-30	\N
310117006007	310117006	亭北社区居委会	neighbourhood_committee	2023-06-30	\N
310117006008	310117006	朗庭社区居委会	neighbourhood_committee	2023-06-30	\N
310117006009	310117006	涞寅社区居委会	neighbourhood_committee	2023-06-30	\N
310117006010	310117006	亭谊社区居委会	neighbourhood_committee	2023-06-30	\N
310117006011	310117006	绿庭尚城社区居委会	neighbourhood_committee	2023-06-30	\N
310117006012	310117006	九城湖滨社区居委会	neighbourhood_committee	2023-06-30	\N
310117006013	310117006	贝尚湾社区居委会	neighbourhood_committee	2023-06-30	\N
310117006014	310117006	百丽苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117006015	310117006	五洲社区居委会	neighbourhood_committee	2023-06-30	\N
310117006016	310117006	杜巷社区居委会	neighbourhood_committee	2023-06-30	\N
310117006017	310117006	奥园社区居委会	neighbourhood_committee	2023-06-30	\N
310117102001	310117102	张泾社区居委会	neighbourhood_committee	2023-06-30	\N
310117102002	310117102	中西社区居委会	neighbourhood_committee	2023-06-30	\N
310117102003	310117102	江川社区居委会	neighbourhood_committee	2023-06-30	\N
310117102004	310117102	新南社区居委会	neighbourhood_committee	2023-06-30	\N
310117102005	310117102	润和苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117102006	310117102	润江社区居委会	neighbourhood_committee	2023-06-30	\N
310117102007	310117102	丽水社区居委会	neighbourhood_committee	2023-06-30	\N
310117102008	310117102	新凯一村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102009	310117102	西南社区居委会	neighbourhood_committee	2023-06-30	\N
310117102010	310117102	景港社区居委会	neighbourhood_committee	2023-06-30	\N
310117102011	310117102	景园社区居委会	neighbourhood_committee	2023-06-30	\N
310117102012	310117102	新凯二村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102013	310117102	张施社区居委会	neighbourhood_committee	2023-06-30	\N
310117102014	310117102	叶星社区居委会	neighbourhood_committee	2023-06-30	\N
310117102015	310117102	赵非泾社区居委会	neighbourhood_committee	2023-06-30	\N
310117102016	310117102	打铁桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117102017	310117102	横港社区居委会	neighbourhood_committee	2023-06-30	\N
310117102018	310117102	祥泽社区居委会	neighbourhood_committee	2023-06-30	\N
310117102019	310117102	青松社区居委会	neighbourhood_committee	2023-06-30	\N
310117102020	310117102	古楼社区居委会	neighbourhood_committee	2023-06-30	\N
310117102022	310117102	新凯三村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102023	310117102	新凯四村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102024	310117102	新凯五村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102025	310117102	同润社区居委会	neighbourhood_committee	2023-06-30	\N
310117102028	310117102	新凯六村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102031	310117102	向阳桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117102032	310117102	新凯七村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102033	310117102	新凯八村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102034	310117102	韵意一村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102035	310117102	韵意二村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102036	310117102	韵意三村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102037	310117102	韵意四村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102038	310117102	韵意五村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102039	310117102	韵意六村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102040	310117102	韵意七村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102041	310117102	金地一村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102042	310117102	韵意八村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102043	310117102	金地二村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102044	310117102	金地三村社区居委会	neighbourhood_committee	2023-06-30	\N
310117102046	310117102	晶湖社区居委会	neighbourhood_committee	2023-06-30	\N
310117102047	310117102	七间邨社区居委会	neighbourhood_committee	2023-06-30	\N
310117102048	310117102	恒泽社区居委会	neighbourhood_committee	2023-06-30	\N
310117103001	310117103	陈坊社区居委会	neighbourhood_committee	2023-06-30	\N
310117103003	310117103	天马社区居委会	neighbourhood_committee	2023-06-30	\N
310117103004	310117103	江秋新苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117103005	310117103	月湖社区居委会	neighbourhood_committee	2023-06-30	\N
310117103006	310117103	翠鑫苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117103007	310117103	佘山家园社区居委会	neighbourhood_committee	2023-06-30	\N
310117103008	310117103	秋潭苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117103009	310117103	陈坊新苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117103010	310117103	莘泽社区居委会	neighbourhood_committee	2023-06-30	\N
310117103011	310117103	康桂社区居委会	neighbourhood_committee	2023-06-30	\N
310117103012	310117103	茗雅社区居委会	neighbourhood_committee	2023-06-30	\N
310117103013	310117103	结香社区居委会	neighbourhood_committee	2023-06-30	\N
310117103014	310117103	高家社区居委会	neighbourhood_committee	2023-06-30	\N
310117103015	310117103	木槿社区居委会	neighbourhood_committee	2023-06-30	\N
310117103016	310117103	佘山名苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117103017	310117103	云庭社区居委会	neighbourhood_committee	2023-06-30	\N
310117103018	310117103	西霞社区居委会	neighbourhood_committee	2023-06-30	\N
310117103201	310117103	江秋村村委会	village_committee	2023-06-30	\N
310117103210	310117103	张朴村村委会	village_committee	2023-06-30	\N
310117103213	310117103	北干山村村委会	village_committee	2023-06-30	\N
310117103217	310117103	陈坊村村委会	village_committee	2023-06-30	\N
310117103219	310117103	陆其浜村村委会	village_committee	2023-06-30	\N
310117103221	310117103	卫家埭村村委会	village_committee	2023-06-30	\N
310117103223	310117103	新镇村村委会	village_committee	2023-06-30	\N
310117103226	310117103	横山村村委会	village_committee	2023-06-30	\N
310117103230	310117103	刘家山村村委会	village_committee	2023-06-30	\N
310117103233	310117103	新宅村村委会	village_committee	2023-06-30	\N
310117104001	310117104	虬长路社区居委会	neighbourhood_committee	2023-06-30	\N
310117104003	310117104	华阳社区居委会	neighbourhood_committee	2023-06-30	\N
310117104004	310117104	祥东社区居委会	neighbourhood_committee	2023-06-30	\N
310117104005	310117104	影佳社区居委会	neighbourhood_committee	2023-06-30	\N
310117104006	310117104	同乐社区居委会	neighbourhood_committee	2023-06-30	\N
310117104007	310117104	华源社区居委会	neighbourhood_committee	2023-06-30	\N
310117104008	310117104	影振社区居委会	neighbourhood_committee	2023-06-30	\N
310117104009	310117104	华欣社区居委会	neighbourhood_committee	2023-06-30	\N
310117104011	310117104	隆泽社区居委会	neighbourhood_committee	2023-06-30	\N
310117104012	310117104	善德苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117104013	310117104	新晟社区居委会	neighbourhood_committee	2023-06-30	\N
310117104014	310117104	欣哲社区居委会	neighbourhood_committee	2023-06-30	\N
310117104015	310117104	云珠社区居委会	neighbourhood_committee	2023-06-30	\N
310117104202	310117104	高桥村村委会	village_committee	2023-06-30	\N
310117104204	310117104	新余村村委会	village_committee	2023-06-30	\N
310117104205	310117104	联建村村委会	village_committee	2023-06-30	\N
310117104206	310117104	得胜村村委会	village_committee	2023-06-30	\N
310117104207	310117104	联庄村村委会	village_committee	2023-06-30	\N
310117104208	310117104	汇桥村村委会	village_committee	2023-06-30	\N
310117104209	310117104	联民村村委会	village_committee	2023-06-30	\N
310117104210	310117104	南门村村委会	village_committee	2023-06-30	\N
310117104211	310117104	米市渡村村委会	village_committee	2023-06-30	\N
310117104212	310117104	永福村村委会	village_committee	2023-06-30	\N
310117104213	310117104	长溇村村委会	village_committee	2023-06-30	\N
310117104216	310117104	洋泾村村委会	village_committee	2023-06-30	\N
310117104217	310117104	香山村村委会	village_committee	2023-06-30	\N
310117104218	310117104	打铁桥村村委会	village_committee	2023-06-30	\N
310117104219	310117104	华阳村村委会	village_committee	2023-06-30	\N
310117104220	310117104	东门村村委会	village_committee	2023-06-30	\N
310117105001	310117105	新乐社区居委会	neighbourhood_committee	2023-06-30	\N
310117105002	310117105	新育社区居委会	neighbourhood_committee	2023-06-30	\N
310117105003	310117105	民益社区居委会	neighbourhood_committee	2023-06-30	\N
310117105004	310117105	场东社区居委会	neighbourhood_committee	2023-06-30	\N
310117105005	310117105	场西社区居委会	neighbourhood_committee	2023-06-30	\N
310117105006	310117105	潘家浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117105007	310117105	场中社区居委会	neighbourhood_committee	2023-06-30	\N
310117105008	310117105	新东苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117105009	310117105	明中社区居委会	neighbourhood_committee	2023-06-30	\N
310117105010	310117105	晨星社区居委会	neighbourhood_committee	2023-06-30	\N
310117105012	310117105	春申社区居委会	neighbourhood_committee	2023-06-30	\N
310117105013	310117105	莘松社区居委会	neighbourhood_committee	2023-06-30	\N
310117105014	310117105	春九社区居委会	neighbourhood_committee	2023-06-30	\N
310117105015	310117105	春莘社区居委会	neighbourhood_committee	2023-06-30	\N
310117105016	310117105	明兴社区居委会	neighbourhood_committee	2023-06-30	\N
310117105017	310117105	白马社区居委会	neighbourhood_committee	2023-06-30	\N
310117105018	310117105	明华社区居委会	neighbourhood_committee	2023-06-30	\N
310117105019	310117105	达安社区居委会	neighbourhood_committee	2023-06-30	\N
310117105020	310117105	馨庭社区居委会	neighbourhood_committee	2023-06-30	\N
310117105021	310117105	新弘社区居委会	neighbourhood_committee	2023-06-30	\N
310117105022	310117105	丁浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117105023	310117105	新泾社区居委会	neighbourhood_committee	2023-06-30	\N
310117105024	310117105	庄浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117105025	310117105	华屿社区居委会	neighbourhood_committee	2023-06-30	\N
310117106001	310117106	新欣社区居委会	neighbourhood_committee	2023-06-30	\N
310117106002	310117106	长欣社区居委会	neighbourhood_committee	2023-06-30	\N
310117106003	310117106	海欣社区居委会	neighbourhood_committee	2023-06-30	\N
310117106005	310117106	同欣社区居委会	neighbourhood_committee	2023-06-30	\N
310117106006	310117106	砖桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117106007	310117106	渔洋浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117106008	310117106	塘桥社区居委会	neighbourhood_committee	2023-06-30	\N
310117106009	310117106	光星社区居委会	neighbourhood_committee	2023-06-30	\N
310117106010	310117106	荣欣社区居委会	neighbourhood_committee	2023-06-30	\N
310117106011	310117106	平阳社区居委会	neighbourhood_committee	2023-06-30	\N
310117106012	310117106	集贤社区居委会	neighbourhood_committee	2023-06-30	\N
310117106013	310117106	祥欣社区居委会	neighbourhood_committee	2023-06-30	\N
310117106014	310117106	王家厍社区居委会	neighbourhood_committee	2023-06-30	\N
310117106015	310117106	百花社区居委会	neighbourhood_committee	2023-06-30	\N
310117106018	310117106	百鸟社区居委会	neighbourhood_committee	2023-06-30	\N
310117106019	310117106	云庐社区居委会	neighbourhood_committee	2023-06-30	\N
310117107001	310117107	亭中社区居委会	neighbourhood_committee	2023-06-30	\N
310117107002	310117107	亭东社区居委会	neighbourhood_committee	2023-06-30	\N
310117107004	310117107	亭南社区居委会	neighbourhood_committee	2023-06-30	\N
310117107005	310117107	庄家社区居委会	neighbourhood_committee	2023-06-30	\N
310117107006	310117107	兴联社区居委会	neighbourhood_committee	2023-06-30	\N
310117107008	310117107	朱龙社区居委会	neighbourhood_committee	2023-06-30	\N
310117107009	310117107	金吴社区居委会	neighbourhood_committee	2023-06-30	\N
310117107010	310117107	松沪社区居委会	neighbourhood_committee	2023-06-30	\N
310117107011	310117107	小寅社区居委会	neighbourhood_committee	2023-06-30	\N
310117107012	310117107	朱泾浜社区居委会	neighbourhood_committee	2023-06-30	\N
310117107013	310117107	亭源社区居委会	neighbourhood_committee	2023-06-30	\N
310117107014	310117107	北场社区居委会	neighbourhood_committee	2023-06-30	\N
310117107016	310117107	牛车泾社区居委会	neighbourhood_committee	2023-06-30	\N
310117107017	310117107	国亭社区居委会	neighbourhood_committee	2023-06-30	\N
310117107018	310117107	嘉禾社区居委会	neighbourhood_committee	2023-06-30	\N
310117107020	310117107	颐景园社区居委会	neighbourhood_committee	2023-06-30	\N
310117107023	310117107	复地社区居委会	neighbourhood_committee	2023-06-30	\N
310117107034	310117107	天元社区居委会	neighbourhood_committee	2023-06-30	\N
310117107035	310117107	青春社区居委会	neighbourhood_committee	2023-06-30	\N
310117107036	310117107	云润社区居委会	neighbourhood_committee	2023-06-30	\N
310117107037	310117107	涞亭社区居委会	neighbourhood_committee	2023-06-30	\N
310117107038	310117107	象屿都城社区居委会	neighbourhood_committee	2023-06-30	\N
310117107039	310117107	紫金社区居委会	neighbourhood_committee	2023-06-30	\N
310117107040	310117107	九亭家园社区居委会	neighbourhood_committee	2023-06-30	\N
310117107041	310117107	象屿品城社区居委会	neighbourhood_committee	2023-06-30	\N
310117107042	310117107	亭新社区居委会	neighbourhood_committee	2023-06-30	\N
310117107043	310117107	九亭家园第二社区居委会	neighbourhood_committee	2023-06-30	\N
310117109001	310117109	泖港社区居委会	neighbourhood_committee	2023-06-30	\N
310117109002	310117109	五厍社区居委会	neighbourhood_committee	2023-06-30	\N
310117109003	310117109	港湾社区居委会	neighbourhood_committee	2023-06-30	\N
310117109201	310117109	焦家村村委会	village_committee	2023-06-30	\N
310117109202	310117109	新龚村村委会	village_committee	2023-06-30	\N
310117109203	310117109	腰泾村村委会	village_committee	2023-06-30	\N
310117109204	310117109	胡光村村委会	village_committee	2023-06-30	\N
310117109205	310117109	黄桥村村委会	village_committee	2023-06-30	\N
310117109206	310117109	范家村村委会	village_committee	2023-06-30	\N
310117109207	310117109	泖港村村委会	village_committee	2023-06-30	\N
310117109208	310117109	新建村村委会	village_committee	2023-06-30	\N
310117109209	310117109	徐厍村村委会	village_committee	2023-06-30	\N
310117109210	310117109	南三村村委会	village_committee	2023-06-30	\N
310117109211	310117109	兴旺村村委会	village_committee	2023-06-30	\N
310117109212	310117109	田黄村村委会	village_committee	2023-06-30	\N
310117109213	310117109	曙光村村委会	village_committee	2023-06-30	\N
310117109214	310117109	曹家浜村村委会	village_committee	2023-06-30	\N
310117109215	310117109	朱定村村委会	village_committee	2023-06-30	\N
310117109216	310117109	茹塘村村委会	village_committee	2023-06-30	\N
310117116001	310117116	古松社区居委会	neighbourhood_committee	2023-06-30	\N
310117116002	310117116	塔汇社区居委会	neighbourhood_committee	2023-06-30	\N
310117116003	310117116	恬润新苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117116201	310117116	新姚村村委会	village_committee	2023-06-30	\N
310117116202	310117116	泖新村村委会	village_committee	2023-06-30	\N
310117116204	310117116	新源村村委会	village_committee	2023-06-30	\N
310117116205	310117116	洙桥村村委会	village_committee	2023-06-30	\N
310117116206	310117116	东夏村村委会	village_committee	2023-06-30	\N
310117116210	310117116	东港村村委会	village_committee	2023-06-30	\N
310117116211	310117116	金汇村村委会	village_committee	2023-06-30	\N
310117116213	310117116	金胜村村委会	village_committee	2023-06-30	\N
310117116215	310117116	张庄村村委会	village_committee	2023-06-30	\N
310117116217	310117116	新中村村委会	village_committee	2023-06-30	\N
310117117002	310117117	桃园社区居委会	neighbourhood_committee	2023-06-30	\N
310117117003	310117117	方家哈社区居委会	neighbourhood_committee	2023-06-30	\N
310117117008	310117117	友谊社区居委会	neighbourhood_committee	2023-06-30	\N
310117117204	310117117	鲁星村村委会	village_committee	2023-06-30	\N
310117117207	310117117	南杨村村委会	village_committee	2023-06-30	\N
310117117208	310117117	陈堵村村委会	village_committee	2023-06-30	\N
310117117210	310117117	赵王村村委会	village_committee	2023-06-30	\N
310117117212	310117117	林建村村委会	village_committee	2023-06-30	\N
310117117213	310117117	许家草村村委会	village_committee	2023-06-30	\N
310117117215	310117117	新浜村村委会	village_committee	2023-06-30	\N
310117117216	310117117	黄家埭村村委会	village_committee	2023-06-30	\N
310117117217	310117117	文华村村委会	village_committee	2023-06-30	\N
310117117218	310117117	胡家埭村村委会	village_committee	2023-06-30	\N
310117117220	310117117	香塘村村委会	village_committee	2023-06-30	\N
310117120002	310117120	张泽社区居委会	neighbourhood_committee	2023-06-30	\N
310117120003	310117120	中原社区居委会	neighbourhood_committee	2023-06-30	\N
310117120004	310117120	世强社区居委会	neighbourhood_committee	2023-06-30	\N
310117120005	310117120	世源社区居委会	neighbourhood_committee	2023-06-30	\N
310117120202	310117120	同建村村委会	village_committee	2023-06-30	\N
310117120203	310117120	金家村村委会	village_committee	2023-06-30	\N
310117120205	310117120	东石村村委会	village_committee	2023-06-30	\N
310117120206	310117120	兴达村村委会	village_committee	2023-06-30	\N
310117120208	310117120	东勤村村委会	village_committee	2023-06-30	\N
310117120210	310117120	堰泾村村委会	village_committee	2023-06-30	\N
310117120211	310117120	团结村村委会	village_committee	2023-06-30	\N
310117120213	310117120	四村村村委会	village_committee	2023-06-30	\N
310117120214	310117120	井凌桥村村委会	village_committee	2023-06-30	\N
310117120216	310117120	大庙村村委会	village_committee	2023-06-30	\N
310117120217	310117120	马桥村村委会	village_committee	2023-06-30	\N
310117120218	310117120	八字桥村村委会	village_committee	2023-06-30	\N
310117120220	310117120	徐姚村村委会	village_committee	2023-06-30	\N
310117121001	310117121	秦安社区居委会	neighbourhood_committee	2023-06-30	\N
310117121002	310117121	平原社区居委会	neighbourhood_committee	2023-06-30	\N
310117121003	310117121	昆西社区居委会	neighbourhood_committee	2023-06-30	\N
310117121004	310117121	大港社区居委会	neighbourhood_committee	2023-06-30	\N
310117121005	310117121	玉昆一村社区居委会	neighbourhood_committee	2023-06-30	\N
310117121006	310117121	玉昆二村社区居委会	neighbourhood_committee	2023-06-30	\N
310117121007	310117121	文晋苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117121008	310117121	翔昆苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117121009	310117121	平复苑社区居委会	neighbourhood_committee	2023-06-30	\N
310117121010	310117121	山水华庭社区居委会	neighbourhood_committee	2023-06-30	\N
310117121012	310117121	九峯里社区居委会	neighbourhood_committee	2023-06-30	\N
310117121201	310117121	周家浜村村委会	village_committee	2023-06-30	\N
310117121202	310117121	汤村村村委会	village_committee	2023-06-30	\N
310117121203	310117121	永丰村村委会	village_committee	2023-06-30	\N
310117121204	310117121	荡湾村村委会	village_committee	2023-06-30	\N
310117121205	310117121	泾德村村委会	village_committee	2023-06-30	\N
310117121206	310117121	港丰村村委会	village_committee	2023-06-30	\N
310117121207	310117121	大港村村委会	village_committee	2023-06-30	\N
310117121208	310117121	陆家埭村村委会	village_committee	2023-06-30	\N
\.


--
-- Data for Name: coverage; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.coverage (street_code, version, effective_on, document, comment, by_user_id, created_at) FROM stdin;
310117001	1	2026-03-20	{"frequency": {"general": "quarter"}}	more	01a21117-b162-7b7f-9ddf-91d7daf51916	2026-03-20 02:00:00+00
\.


--
-- Data for Name: credit; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.credit (street_code, visit_id, duty_id, resident_id, credited, because, created_at) FROM stdin;
310117001	01a21117-b399-75d5-881e-e6a0eeaaf968	01a21117-b360-7695-a8a1-a70d662afb83	01a21117-b23a-7323-94ab-8b914a55307d	t	\N	2026-03-20 02:00:00+00
310117001	01a21117-b686-7881-a9df-1a3a4a8936e3	01a21117-b2f0-7fab-a60d-97179b03f50f	01a21117-b26c-704b-bc4f-a2b12527cc1c	t	\N	2026-04-03 02:00:00+00
310117001	01a21117-b686-7881-a9df-1a3a4a8936e3	01a21117-b2f0-7137-b4c4-e10ccc179b20	01a21117-b26c-704b-bc4f-a2b12527cc1c	f	made_up	2026-04-03 02:00:00+00
310117001	01a21117-b686-7881-a9df-1a3a4a8936e3	01a21117-b5de-7078-a9be-f0c0b1785586	01a21117-b26c-704b-bc4f-a2b12527cc1c	t	\N	2026-04-03 02:00:00+00
\.


--
-- Data for Name: daily_digest; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.daily_digest (street_code, user_id, digest_on, created_at) FROM stdin;
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-03-23	2026-03-23 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-03-23	2026-03-23 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-03-24	2026-03-24 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-03-24	2026-03-24 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-03-25	2026-03-25 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-03-25	2026-03-25 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-03-26	2026-03-26 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-03-26	2026-03-26 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-03-27	2026-03-27 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-03-27	2026-03-27 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-03-30	2026-03-30 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-03-30	2026-03-30 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-03-31	2026-03-31 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-03-31	2026-03-31 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-01	2026-04-01 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-01	2026-04-01 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-02	2026-04-02 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-02	2026-04-02 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-03	2026-04-03 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-03	2026-04-03 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-07	2026-04-07 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-07	2026-04-07 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-08	2026-04-08 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-08	2026-04-08 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-09	2026-04-09 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-09	2026-04-09 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-10	2026-04-10 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-10	2026-04-10 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-13	2026-04-13 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-13	2026-04-13 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-14	2026-04-14 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-14	2026-04-14 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-15	2026-04-15 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-15	2026-04-15 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-16	2026-04-16 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-16	2026-04-16 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-17	2026-04-17 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-17	2026-04-17 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-20	2026-04-20 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-20	2026-04-20 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-21	2026-04-21 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-21	2026-04-21 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-22	2026-04-22 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-22	2026-04-22 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-23	2026-04-23 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-23	2026-04-23 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-24	2026-04-24 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-24	2026-04-24 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-27	2026-04-27 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-27	2026-04-27 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-28	2026-04-28 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-28	2026-04-28 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-29	2026-04-29 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-29	2026-04-29 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-30	2026-04-30 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-04-30	2026-04-30 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-05-06	2026-05-06 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-05-06	2026-05-06 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-05-07	2026-05-07 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-05-07	2026-05-07 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-05-08	2026-05-08 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-05-08	2026-05-08 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-05-09	2026-05-09 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-05-09	2026-05-09 01:00:00+00
310117001	01a21117-b141-79f5-b9bc-7c70591b059f	2026-05-11	2026-05-11 01:00:00+00
310117	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-05-11	2026-05-11 01:00:00+00
\.


--
-- Data for Name: decision; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.decision (street_code, decision_id, resident_id, from_on, recorded_at, tier, tier_before, rules, policy_id, policy_version, coverage_version, next_change_on, superseded_at) FROM stdin;
310117002	01a21117-b2c4-77fd-b75c-351bf6b5da26	01a21117-b2b3-75be-9ffe-6622d98fcea8	2026-03-20	2026-03-20 02:00:00+00	general	none	{general.in_register}	songjiang-2024-33	1	\N	\N	\N
310117001	01a21117-b2a2-721f-b353-3e62cbc093a7	01a21117-b291-7e7d-b2c1-128403bd418b	2026-03-20	2026-03-20 02:00:00+00	general	none	{general.in_register}	songjiang-2024-33	1	1	\N	2026-03-20 02:00:00+00
310117001	01a21117-b314-7bbd-bb44-c8fc39d0267f	01a21117-b291-7e7d-b2c1-128403bd418b	2026-03-20	2026-03-20 02:00:00+00	high	none	{high.major_change,general.in_register}	songjiang-2024-33	1	1	\N	\N
310117001	01a21117-b255-7d41-a14b-afe607586bb2	01a21117-b23a-7323-94ab-8b914a55307d	2026-03-20	2026-03-20 02:00:00+00	general	none	{general.in_register}	songjiang-2024-33	1	1	\N	2026-03-20 02:00:00+00
310117001	01a21117-b35d-7abe-810c-17252639cbcd	01a21117-b23a-7323-94ab-8b914a55307d	2026-03-20	2026-03-20 02:00:00+00	general	none	{general.in_register,general.warned}	songjiang-2024-33	1	1	2027-03-21	\N
310117002	01a21117-b281-73fa-b26e-32887979f280	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-03-20	2026-03-20 02:00:00+00	general	none	{general.in_register}	songjiang-2024-33	1	1	\N	2026-03-20 02:00:00+00
310117002	01a21117-b2ed-7520-94a3-5e6e7d2874cd	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-03-20	2026-03-20 02:00:00+00	high	none	{high.major_change,general.in_register}	songjiang-2024-33	1	1	\N	\N
310117002	01a21117-b928-70c4-bd9e-4f245df5bd05	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-20	2026-04-20 02:00:00+00	high	high	{high.major_change,general.in_register}	songjiang-2024-33	1	\N	\N	\N
310117002	01a21117-b2a2-721f-b353-3e62cbc093a7	01a21117-b291-7e7d-b2c1-128403bd418b	2026-03-20	2026-03-20 02:00:00+00	general	none	{general.in_register}	songjiang-2024-33	1	1	\N	2026-03-20 02:00:00+00
310117002	01a21117-b314-7bbd-bb44-c8fc39d0267f	01a21117-b291-7e7d-b2c1-128403bd418b	2026-03-20	2026-03-20 02:00:00+00	high	none	{high.major_change,general.in_register}	songjiang-2024-33	1	1	\N	\N
310117002	01a21117-b947-71fe-bc58-c9d143a704e4	01a21117-b291-7e7d-b2c1-128403bd418b	2026-04-20	2026-04-20 02:00:00+00	high	high	{high.major_change,general.in_register}	songjiang-2024-33	1	\N	\N	\N
310117001	01a21117-b281-73fa-b26e-32887979f280	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-03-20	2026-03-20 02:00:00+00	general	none	{general.in_register}	songjiang-2024-33	1	1	\N	2026-03-20 02:00:00+00
310117001	01a21117-b2ed-7520-94a3-5e6e7d2874cd	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-03-20	2026-03-20 02:00:00+00	high	none	{high.major_change,general.in_register}	songjiang-2024-33	1	1	\N	\N
310117001	01a21117-b928-70c4-bd9e-4f245df5bd05	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-20	2026-04-20 02:00:00+00	high	high	{high.major_change,general.in_register}	songjiang-2024-33	1	\N	\N	\N
310117001	01a21117-b9da-79de-835c-28429c7f8290	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-22	2026-04-22 02:00:00+00	high	high	{high.major_change,general.in_register}	songjiang-2024-33	1	1	\N	\N
\.


--
-- Data for Name: delivery; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.delivery (street_code, delivery_id, notification_id, user_id, channel_id, state, attempts, next_try_at, last_error, sent_at) FROM stdin;
310117001	01a21117-b459-79ab-a6b9-7319c7500fae	01a21117-b457-7a35-bd90-d1827a4e21d1	01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	pending	0	2026-11-25 05:04:55.897987+00	\N	\N
310117001	01a21117-b498-7958-b06b-318960ad373e	01a21117-b498-71ae-909b-9c6612772660	01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	pending	0	2026-11-25 05:04:55.960625+00	\N	\N
310117	01a21117-b4ac-7ff3-bf34-c5dde8a96160	01a21117-b4ab-7a38-958d-8a1080ad4304	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:55.980026+00	\N	\N
310117001	01a21117-b4cd-7f16-ba81-57fe72482dde	01a21117-b4cd-73ba-8c6a-cb43975d6942	01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	pending	0	2026-11-25 05:04:56.013962+00	\N	\N
310117	01a21117-b4e1-7bd5-bc79-dd4f79edb8b7	01a21117-b4e1-70a9-a889-bd2c8ac8a7d4	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.0337+00	\N	\N
310117001	01a21117-b501-77e4-8da6-9f05b549d7bb	01a21117-b501-709f-8c6c-47db29ca9033	01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	pending	0	2026-11-25 05:04:56.065533+00	\N	\N
310117	01a21117-b514-732e-9e90-e938523ff416	01a21117-b513-7967-9b81-b590efa7f39b	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.084243+00	\N	\N
310117001	01a21117-b571-76ff-a1cb-e4e2df3b7962	01a21117-b56f-7f21-8c32-1344facb1e7c	01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	pending	0	2026-11-25 05:04:56.17734+00	\N	\N
310117001	01a21117-b57a-7e4f-91a5-d7664ae4df77	01a21117-b57a-70f3-9965-336148d84b44	01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	pending	0	2026-11-25 05:04:56.186838+00	\N	\N
310117	01a21117-b58f-7f47-a9df-7b12afe34913	01a21117-b58f-717d-945a-ec9807cd3c1c	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.207948+00	\N	\N
310117001	01a21117-b5ae-71b0-8166-501a845e147d	01a21117-b5ac-7265-b70b-866ba9a018ab	01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	pending	0	2026-11-25 05:04:56.238127+00	\N	\N
310117001	01a21117-b5ae-7b12-a400-c57444d01e3f	01a21117-b5ac-72ad-b14e-8f4a8d8568bd	01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	pending	0	2026-11-25 05:04:56.238127+00	\N	\N
310117001	01a21117-b5ae-7ef2-a8c9-c9d12c2762a3	01a21117-b5ac-782c-b56f-cca9b63118b1	01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	pending	0	2026-11-25 05:04:56.238127+00	\N	\N
310117001	01a21117-b5b8-72a5-b76c-dc8486da3c6f	01a21117-b5b7-7cfc-8ca2-b8857e6422ad	01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	pending	0	2026-11-25 05:04:56.248258+00	\N	\N
310117	01a21117-b5cb-741f-8c41-fe2c6d681dd6	01a21117-b5ca-7589-aee3-7a552b05b8f9	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.267031+00	\N	\N
310117001	01a21117-b5f9-788e-b717-347695da0e22	01a21117-b5f9-74e3-8d62-f83aeb62541b	01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	pending	0	2026-11-25 05:04:56.313438+00	\N	\N
310117	01a21117-b60c-7ca4-86b0-8fe02471923f	01a21117-b60b-784f-b2f2-aad34915713d	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.332385+00	\N	\N
310117001	01a21117-b633-751a-bb83-2f0c2fd6f155	01a21117-b632-7701-ae85-f31faa355ab6	01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	pending	0	2026-11-25 05:04:56.371356+00	\N	\N
310117	01a21117-b644-7c65-b65e-f09033d0181a	01a21117-b644-7a4a-891b-e20c1b70541e	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.388953+00	\N	\N
310117001	01a21117-b660-7df9-a291-9cc641470cdb	01a21117-b65f-7132-a169-3aa042ff9138	01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	pending	0	2026-11-25 05:04:56.416253+00	\N	\N
310117	01a21117-b672-7711-a092-257187266848	01a21117-b671-7d22-a7fb-a142132165cf	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.434056+00	\N	\N
310117	01a21117-b6fd-7b90-800a-6269c9b022c7	01a21117-b6fc-7db0-95a8-621e74dadd1f	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.573443+00	\N	\N
310117	01a21117-b72b-7696-b563-78d940a65880	01a21117-b72b-7de2-89b8-980238062d13	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.619504+00	\N	\N
310117	01a21117-b75d-76d2-b44b-e6593844184f	01a21117-b75c-70a2-a71b-11b8f5977efe	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.669309+00	\N	\N
310117	01a21117-b78a-7f08-a9fe-fb056da042a3	01a21117-b78a-70f1-9d59-67d771aac752	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.714745+00	\N	\N
310117	01a21117-b7e6-7ca0-95a3-16c45a0473bc	01a21117-b7e5-7e91-b200-e19eab7cba07	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.806263+00	\N	\N
310117	01a21117-b826-78f0-917d-b4f3ac25f7e7	01a21117-b825-7a33-bad8-28ab174348d5	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.870213+00	\N	\N
310117001	01a21117-b845-780b-b46c-312acf5f2799	01a21117-b844-7c56-899e-990cb4e4b94f	01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	pending	0	2026-11-25 05:04:56.901659+00	\N	\N
310117	01a21117-b85a-7f7e-8fbc-236c2d6784f7	01a21117-b85a-7441-86e4-f95bf0d9a465	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.922584+00	\N	\N
310117	01a21117-b880-7d1c-8456-01d5ecf4021a	01a21117-b87f-7753-8657-913ce254bf94	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.960266+00	\N	\N
310117	01a21117-b8a6-72c1-b93a-f6f141c5ba16	01a21117-b8a5-7b4d-b535-55029ab0e37e	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:56.998308+00	\N	\N
310117001	01a21117-b8e9-79b7-bf3d-1b1eca52ff52	01a21117-b8e8-7fc1-9ee1-9bf0b50b2f56	01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	pending	0	2026-11-25 05:04:57.065824+00	\N	\N
310117	01a21117-b8fe-79eb-9c46-622982e7dd53	01a21117-b8fe-7676-ab1b-cd2463df5edd	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.08686+00	\N	\N
310117001	01a21117-b97d-755d-bfd1-288eb119f95c	01a21117-b97b-7f33-a3c3-790f5323d5be	01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	pending	0	2026-11-25 05:04:57.213196+00	\N	\N
310117	01a21117-b992-7d74-93d1-bc3dacd11423	01a21117-b991-7143-90f8-f3b99bbcfdb1	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.234024+00	\N	\N
310117	01a21117-b9b7-771e-8321-1f034d48f686	01a21117-b9b6-7081-a4ca-1335d579436f	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.27119+00	\N	\N
310117	01a21117-ba08-779d-a0f2-9917cf0ea8ae	01a21117-ba08-708c-b4c4-d567097e731d	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.352797+00	\N	\N
310117	01a21117-ba2e-7e8f-b87c-3e9a192b141b	01a21117-ba2e-78cd-bb02-9ce4035ab160	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.390429+00	\N	\N
310117	01a21117-ba77-7f6c-92f2-afab1f455bc7	01a21117-ba77-7170-bf98-8c5120087cc8	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.463579+00	\N	\N
310117	01a21117-ba9d-75d0-9a44-26156d182fb1	01a21117-ba9d-704b-ac37-1080e70b80d2	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.501568+00	\N	\N
310117	01a21117-bacf-7fc6-9460-e78fa33ee5a6	01a21117-bacf-7fa3-a27d-8b62775200ce	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.551837+00	\N	\N
310117	01a21117-bb05-7520-b9ec-3796048bd402	01a21117-bb04-7758-bfc4-e65d73b0779e	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.605225+00	\N	\N
310117	01a21117-bbb6-70e4-ba18-08a0069ca113	01a21117-bbb6-7e93-b058-e6136b9acbe1	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.782621+00	\N	\N
310117	01a21117-bbe1-7719-abf7-2b1e1dd3ecf7	01a21117-bbe1-7a24-a844-63bb5828d19f	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.825724+00	\N	\N
310117	01a21117-bc14-7bbe-8594-7d860948e04b	01a21117-bc14-790c-b916-3dff948b8dd5	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.876639+00	\N	\N
310117	01a21117-bc3e-72ac-b0df-dcaf082f1428	01a21117-bc3d-7de2-8720-dd0ee1a47054	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.918012+00	\N	\N
310117	01a21117-bc75-791b-9973-bab5dbc0923f	01a21117-bc74-7674-b0ac-e5d81ca7ea4b	01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	pending	0	2026-11-25 05:04:57.97322+00	\N	\N
\.


--
-- Data for Name: directory; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.directory (person_key, street_code, resident_id) FROM stdin;
\\x65a92930cd5ac06bf5ce8242a554ddd0c7eb3c0a12dc6d63d4937363df4aec4b	310117001	01a21117-b23a-7323-94ab-8b914a55307d
\\x3c22e662abb4edc198ead95a73c2b8831070af72da7498a09e9f829e312c9508	310117002	01a21117-b2b3-75be-9ffe-6622d98fcea8
\\x540f7788802b34d12210b53b2d40fdf8c8caae5400b5218832f2e3b20ba422cd	310117002	01a21117-b291-7e7d-b2c1-128403bd418b
\\x5cc4743b3fd1761fc221220e628964c1036fd40a556d52a2e5b72b7cd892ee7a	310117001	01a21117-b26c-704b-bc4f-a2b12527cc1c
\.


--
-- Data for Name: duty; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.duty (street_code, duty_id, resident_id, kind, tier, occasion, period, starts_on, due_on, modes, "limit", clause, state, reason, task_id, credited_visit_id, late_entry, made_up_on, carried, policy_id, policy_version, coverage_version, created_at, settled_at, excuse) FROM stdin;
310117002	01a21117-b2c7-74bb-bdf3-a3c8b4d8aca7	01a21117-b2b3-75be-9ffe-6622d98fcea8	periodic	general	2026-H1	2026-H1	2026-01-01	2026-06-30	{home_visit,phone,building_video,wechat}	policy	沪松民〔2024〕33号 三（一）	open	\N	01a21117-b2cf-7b2e-b068-a0683d919e30	\N	f	\N	f	songjiang-2024-33	1	\N	2026-03-20 02:00:00+00	\N	\N
310117001	01a21117-b360-7695-a8a1-a70d662afb83	01a21117-b23a-7323-94ab-8b914a55307d	response	general	warning:illness_poverty:2026-03-20	\N	2026-03-20	2026-04-03	{home_visit,phone,building_video,wechat}	local	本地约定（指导意见未作规定）	met	\N	01a21117-b365-7ce7-8287-450bd56bd716	01a21117-b399-75d5-881e-e6a0eeaaf968	f	\N	f	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	\N
310117001	01a21117-b3c0-7107-abba-c0d4641170f9	01a21117-b23a-7323-94ab-8b914a55307d	follow_up	general	visit:01a21117-b399-75d5-881e-e6a0eeaaf968	\N	2026-03-20	2026-04-19	{home_visit,phone,building_video,wechat}	local	沪松民〔2024〕33号 四（五），天数为本地约定	open	\N	01a21117-b3c0-78e7-bb07-5c2022e22452	\N	f	\N	f	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	\N	\N
310117001	01a21117-b5dd-7579-a7f8-9a2d29ce96d6	01a21117-b23a-7323-94ab-8b914a55307d	periodic	general	2026-Q2	2026-Q2	2026-04-01	2026-06-30	{home_visit,phone,building_video,wechat}	policy	沪松民〔2024〕33号 三（一）	open	\N	01a21117-b5e3-709f-b04b-5ef339d5bf55	\N	f	\N	f	songjiang-2024-33	1	1	2026-03-31 16:00:00+00	\N	\N
310117001	01a21117-b318-73ce-a131-993bbea7f117	01a21117-b291-7e7d-b2c1-128403bd418b	periodic	high	2026-03	2026-03	2026-03-20	2026-03-31	{home_visit}	policy	沪松民〔2024〕33号 三（一）	missed	\N	01a21117-b31f-7e53-8d31-abf24dd28d9c	\N	f	\N	f	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	2026-03-31 16:00:00+00	\N
310117001	01a21117-b2f0-7fab-a60d-97179b03f50f	01a21117-b26c-704b-bc4f-a2b12527cc1c	response	high	major_change:accident:2026-03-20	\N	2026-03-20	2026-03-27	{home_visit}	local	本地约定（指导意见未作规定）	late	\N	01a21117-b2f5-723e-81b0-d13dd2e10763	01a21117-b686-7881-a9df-1a3a4a8936e3	f	\N	f	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	2026-04-03 02:00:00+00	\N
310117001	01a21117-b2f0-7137-b4c4-e10ccc179b20	01a21117-b26c-704b-bc4f-a2b12527cc1c	periodic	high	2026-03	2026-03	2026-03-20	2026-03-31	{home_visit}	policy	沪松民〔2024〕33号 三（一）	missed	\N	01a21117-b2f5-723e-81b0-d13dd2e10763	\N	f	2026-04-02	f	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	2026-04-03 02:00:00+00	\N
310117002	01a21117-b2f0-7137-b4c4-e10ccc179b20	01a21117-b26c-704b-bc4f-a2b12527cc1c	periodic	high	2026-03	2026-03	2026-03-20	2026-03-31	{home_visit}	policy	沪松民〔2024〕33号 三（一）	missed	\N	\N	\N	f	2026-04-02	t	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	2026-04-03 02:00:00+00	\N
310117002	01a21117-b2f0-7fab-a60d-97179b03f50f	01a21117-b26c-704b-bc4f-a2b12527cc1c	response	high	major_change:accident:2026-03-20	\N	2026-03-20	2026-03-27	{home_visit}	local	本地约定（指导意见未作规定）	late	\N	\N	01a21117-b686-7881-a9df-1a3a4a8936e3	f	\N	t	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	2026-04-03 02:00:00+00	\N
310117002	01a21117-b318-73ce-a131-993bbea7f117	01a21117-b291-7e7d-b2c1-128403bd418b	periodic	high	2026-03	2026-03	2026-03-20	2026-03-31	{home_visit}	policy	沪松民〔2024〕33号 三（一）	missed	\N	\N	\N	f	\N	t	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	2026-03-31 16:00:00+00	\N
310117001	01a21117-b5de-7f0a-84f3-934cff7daecc	01a21117-b291-7e7d-b2c1-128403bd418b	periodic	high	2026-04	2026-04	2026-04-01	2026-04-30	{home_visit}	policy	沪松民〔2024〕33号 三（一）	cancelled	moved	01a21117-b31f-7e53-8d31-abf24dd28d9c	\N	f	\N	f	songjiang-2024-33	1	1	2026-03-31 16:00:00+00	2026-04-20 02:00:00+00	\N
310117001	01a21117-b318-7cf2-adfb-b85af1cd49d7	01a21117-b291-7e7d-b2c1-128403bd418b	response	high	major_change:accident:2026-03-19	\N	2026-03-20	2026-03-27	{home_visit}	local	本地约定（指导意见未作规定）	cancelled	moved	01a21117-b31f-7e53-8d31-abf24dd28d9c	\N	f	\N	f	songjiang-2024-33	1	1	2026-03-20 02:00:00+00	2026-04-20 02:00:00+00	\N
310117002	01a21117-b318-7cf2-adfb-b85af1cd49d7	01a21117-b291-7e7d-b2c1-128403bd418b	response	high	major_change:accident:2026-03-19	\N	2026-03-20	2026-03-27	{home_visit}	local	本地约定（指导意见未作规定）	open	\N	01a21117-b94c-7a08-922d-ae40438d0600	\N	f	\N	f	songjiang-2024-33	1	\N	2026-03-20 02:00:00+00	\N	\N
310117001	01a21117-b5de-7078-a9be-f0c0b1785586	01a21117-b26c-704b-bc4f-a2b12527cc1c	periodic	high	2026-04	2026-04	2026-04-01	2026-04-30	{home_visit}	policy	沪松民〔2024〕33号 三（一）	met	\N	\N	01a21117-b686-7881-a9df-1a3a4a8936e3	f	\N	f	songjiang-2024-33	1	1	2026-03-31 16:00:00+00	2026-04-03 02:00:00+00	\N
310117002	01a21117-b5de-7078-a9be-f0c0b1785586	01a21117-b26c-704b-bc4f-a2b12527cc1c	periodic	high	2026-04	2026-04	2026-04-01	2026-04-30	{home_visit}	policy	沪松民〔2024〕33号 三（一）	cancelled	moved	\N	01a21117-b686-7881-a9df-1a3a4a8936e3	f	\N	f	songjiang-2024-33	1	1	2026-03-31 16:00:00+00	2026-04-22 02:00:00+00	\N
310117001	01a21117-bb1a-71d5-94a0-43b4b51f6250	01a21117-b26c-704b-bc4f-a2b12527cc1c	periodic	high	2026-05	2026-05	2026-05-01	2026-05-31	{home_visit}	policy	沪松民〔2024〕33号 三（一）	open	\N	01a21117-bb20-72c6-9dac-18323d8c48e4	\N	f	\N	f	songjiang-2024-33	1	1	2026-04-30 16:00:00+00	\N	\N
310117002	01a21117-bb2a-7fbd-860a-4eb4287eb0db	01a21117-b291-7e7d-b2c1-128403bd418b	periodic	high	2026-05	2026-05	2026-05-01	2026-05-31	{home_visit}	policy	沪松民〔2024〕33号 三（一）	open	\N	01a21117-b94c-7a08-922d-ae40438d0600	\N	f	\N	f	songjiang-2024-33	1	\N	2026-04-30 16:00:00+00	\N	\N
310117002	01a21117-b5de-7f0a-84f3-934cff7daecc	01a21117-b291-7e7d-b2c1-128403bd418b	periodic	high	2026-04	2026-04	2026-04-01	2026-04-30	{home_visit}	policy	沪松民〔2024〕33号 三（一）	missed	\N	01a21117-b94c-7a08-922d-ae40438d0600	\N	f	\N	f	songjiang-2024-33	1	\N	2026-03-31 16:00:00+00	2026-04-30 16:00:00+00	\N
\.


--
-- Data for Name: escalation; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.escalation (street_code, task_id, level, resident_id, action, "to", recipients, note, due_at, fired_at) FROM stdin;
310117001	01a21117-b2f5-723e-81b0-d13dd2e10763	1	01a21117-b26c-704b-bc4f-a2b12527cc1c	remind	assignee	{01a21117-b141-79f5-b9bc-7c70591b059f}	\N	2026-03-24 01:00:00+00	2026-03-24 01:00:00+00
310117001	01a21117-b31f-7e53-8d31-abf24dd28d9c	1	01a21117-b291-7e7d-b2c1-128403bd418b	remind	street_advisor	{01a21117-b158-748a-b4d0-cd790fb6e749}	no recipient at assignee	2026-03-24 01:00:00+00	2026-03-24 01:00:00+00
310117001	01a21117-b340-7f20-8d11-331bbbf834b9	1	01a21117-b23a-7323-94ab-8b914a55307d	remind	assignee	{01a21117-b150-7984-8273-4a5eb7a6f144}	\N	2026-03-24 01:00:00+00	2026-03-24 01:00:00+00
310117001	01a21117-b2f5-723e-81b0-d13dd2e10763	2	01a21117-b26c-704b-bc4f-a2b12527cc1c	remind	assignee	{01a21117-b141-79f5-b9bc-7c70591b059f}	\N	2026-03-30 01:00:00+00	2026-03-30 01:00:00+00
310117001	01a21117-b31f-7e53-8d31-abf24dd28d9c	2	01a21117-b291-7e7d-b2c1-128403bd418b	remind	street_advisor	{01a21117-b158-748a-b4d0-cd790fb6e749}	no recipient at assignee	2026-03-30 01:00:00+00	2026-03-30 01:00:00+00
310117001	01a21117-b340-7f20-8d11-331bbbf834b9	2	01a21117-b23a-7323-94ab-8b914a55307d	remind	assignee	{01a21117-b150-7984-8273-4a5eb7a6f144}	\N	2026-03-30 01:00:00+00	2026-03-30 01:00:00+00
310117001	01a21117-b2f5-723e-81b0-d13dd2e10763	3	01a21117-b26c-704b-bc4f-a2b12527cc1c	raise	street_advisor	{01a21117-b158-748a-b4d0-cd790fb6e749}	\N	2026-03-31 01:00:00+00	2026-03-31 01:00:00+00
310117001	01a21117-b31f-7e53-8d31-abf24dd28d9c	3	01a21117-b291-7e7d-b2c1-128403bd418b	raise	street_advisor	{01a21117-b158-748a-b4d0-cd790fb6e749}	\N	2026-03-31 01:00:00+00	2026-03-31 01:00:00+00
310117001	01a21117-b340-7f20-8d11-331bbbf834b9	3	01a21117-b23a-7323-94ab-8b914a55307d	raise	street_advisor	{01a21117-b158-748a-b4d0-cd790fb6e749}	\N	2026-03-31 01:00:00+00	2026-03-31 01:00:00+00
310117001	01a21117-b2f5-723e-81b0-d13dd2e10763	4	01a21117-b26c-704b-bc4f-a2b12527cc1c	raise	street_manager	{01a21117-b162-7b7f-9ddf-91d7daf51916}	\N	2026-04-02 01:00:00+00	2026-04-02 01:00:00+00
310117001	01a21117-b31f-7e53-8d31-abf24dd28d9c	4	01a21117-b291-7e7d-b2c1-128403bd418b	raise	street_manager	{01a21117-b162-7b7f-9ddf-91d7daf51916}	\N	2026-04-02 01:00:00+00	2026-04-02 01:00:00+00
310117001	01a21117-b340-7f20-8d11-331bbbf834b9	4	01a21117-b23a-7323-94ab-8b914a55307d	raise	street_manager	{01a21117-b162-7b7f-9ddf-91d7daf51916}	\N	2026-04-02 01:00:00+00	2026-04-02 01:00:00+00
310117001	01a21117-b31f-7e53-8d31-abf24dd28d9c	5	01a21117-b291-7e7d-b2c1-128403bd418b	raise	district_officer	{01a21117-b16b-7d0a-9dd0-ef46293b61d1}	\N	2026-04-09 01:00:00+00	2026-04-09 01:00:00+00
310117001	01a21117-b340-7f20-8d11-331bbbf834b9	5	01a21117-b23a-7323-94ab-8b914a55307d	raise	district_officer	{01a21117-b16b-7d0a-9dd0-ef46293b61d1}	\N	2026-04-09 01:00:00+00	2026-04-09 01:00:00+00
310117001	01a21117-b3c0-78e7-bb07-5c2022e22452	1	01a21117-b23a-7323-94ab-8b914a55307d	remind	assignee	{01a21117-b158-748a-b4d0-cd790fb6e749}	\N	2026-04-15 01:00:00+00	2026-04-15 01:00:00+00
310117001	01a21117-b3c0-78e7-bb07-5c2022e22452	2	01a21117-b23a-7323-94ab-8b914a55307d	remind	assignee	{01a21117-b158-748a-b4d0-cd790fb6e749}	\N	2026-04-20 01:00:00+00	2026-04-20 01:00:00+00
310117002	01a21117-b94c-7a08-922d-ae40438d0600	1	01a21117-b291-7e7d-b2c1-128403bd418b	remind	street_advisor	{01a21117-b187-7635-9dfc-caf06af57eb5}	no recipient at assignee	2026-03-24 01:00:00+00	2026-04-20 02:00:00+00
310117002	01a21117-b94c-7a08-922d-ae40438d0600	2	01a21117-b291-7e7d-b2c1-128403bd418b	remind	street_advisor	{01a21117-b187-7635-9dfc-caf06af57eb5}	no recipient at assignee	2026-03-30 01:00:00+00	2026-04-20 02:00:00+00
310117002	01a21117-b94c-7a08-922d-ae40438d0600	3	01a21117-b291-7e7d-b2c1-128403bd418b	raise	street_advisor	{01a21117-b187-7635-9dfc-caf06af57eb5}	\N	2026-04-01 01:00:00+00	2026-04-20 02:00:00+00
310117002	01a21117-b94c-7a08-922d-ae40438d0600	4	01a21117-b291-7e7d-b2c1-128403bd418b	raise	district_officer	{01a21117-b16b-7d0a-9dd0-ef46293b61d1}	no recipient at street_manager	2026-04-03 01:00:00+00	2026-04-20 02:00:00+00
310117002	01a21117-b94c-7a08-922d-ae40438d0600	5	01a21117-b291-7e7d-b2c1-128403bd418b	raise	district_officer	{01a21117-b16b-7d0a-9dd0-ef46293b61d1}	\N	2026-04-13 01:00:00+00	2026-04-20 02:00:00+00
310117001	01a21117-b3c0-78e7-bb07-5c2022e22452	3	01a21117-b23a-7323-94ab-8b914a55307d	raise	street_advisor	{01a21117-b158-748a-b4d0-cd790fb6e749}	\N	2026-04-21 01:00:00+00	2026-04-21 01:00:00+00
310117001	01a21117-b3c0-78e7-bb07-5c2022e22452	4	01a21117-b23a-7323-94ab-8b914a55307d	raise	street_manager	{01a21117-b162-7b7f-9ddf-91d7daf51916}	\N	2026-04-23 01:00:00+00	2026-04-23 01:00:00+00
310117001	01a21117-b3c0-78e7-bb07-5c2022e22452	5	01a21117-b23a-7323-94ab-8b914a55307d	raise	district_officer	{01a21117-b16b-7d0a-9dd0-ef46293b61d1}	\N	2026-04-29 01:00:00+00	2026-04-29 01:00:00+00
\.


--
-- Data for Name: escalation_chain; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.escalation_chain (street_code, version, steps, created_at, by_user_id) FROM stdin;
310117001	1	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 2}, {"to": "street_manager", "action": "raise", "after_working_days": 4}, {"to": "district_officer", "action": "raise", "after_working_days": 8}]	2026-03-20 02:00:00+00	01a21117-b162-7b7f-9ddf-91d7daf51916
\.


--
-- Data for Name: fact_entry; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.fact_entry (street_code, entry_id, resident_id, event_at, source, event_id, type, entry, recorded_at) FROM stdin;
310117001	01a21117-b238-738d-a64e-6e26d1349286	01a21117-b23a-7323-94ab-8b914a55307d	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e9	resident.registered	{"facts": [{"tag": "dibao_urban", "kind": "assistance", "valid_to": null, "valid_from": "2026-01-01"}]}	2026-03-20 02:00:00+00
310117001	01a21117-b290-78eb-bedb-6e3c68e42693	01a21117-b291-7e7d-b2c1-128403bd418b	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e13	resident.registered	{"facts": [{"tag": "dibao_edge", "kind": "assistance", "valid_to": null, "valid_from": "2026-01-01"}]}	2026-03-20 02:00:00+00
310117002	01a21117-b2b1-7942-a772-bb799d2f42b9	01a21117-b2b3-75be-9ffe-6622d98fcea8	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e15	resident.registered	{"facts": [{"tag": "dibao_urban", "kind": "assistance", "valid_to": null, "valid_from": "2026-01-01"}]}	2026-03-20 02:00:00+00
310117001	01a21117-b301-74d0-9120-0e0bcda619ee	01a21117-b291-7e7d-b2c1-128403bd418b	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e17	change.accident	{"facts": [{"kind": "major_change", "cause": "accident", "valid_to": null, "valid_from": "2026-03-19"}]}	2026-03-20 02:00:00+00
310117001	01a21117-b32c-765b-b404-f1fb767f0dfc	01a21117-b23a-7323-94ab-8b914a55307d	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e18	lead.reported	{"lead": {"channel": "hotline"}}	2026-03-20 02:00:00+00
310117001	01a21117-b34e-7ba7-a1a7-cbcc81d52c09	01a21117-b23a-7323-94ab-8b914a55307d	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e20	warning.illness_poverty	{"facts": [{"kind": "warning", "warning": "illness_poverty", "valid_to": null, "valid_from": "2026-03-20"}]}	2026-03-20 02:00:00+00
310117002	01a21117-b26b-70d7-8fc6-9d5ef8c25ebb	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e11	resident.registered	{"facts": [{"tag": "dibao_edge", "kind": "assistance", "valid_to": null, "valid_from": "2026-01-01"}]}	2026-03-20 02:00:00+00
310117002	01a21117-b2dc-79dd-8649-5391859cc6ef	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e16	change.accident	{"facts": [{"kind": "major_change", "cause": "accident", "valid_to": null, "valid_from": "2026-03-20"}]}	2026-03-20 02:00:00+00
310117002	01a21117-b911-7da0-bbe7-4aa12069dc70	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-20 02:00:00+00	/songjiang/medical-insurance	e21	resident.moved	{"moved": {"on": "2026-04-20", "to_street": "310117002", "to_committee": "310117002003"}}	2026-04-20 02:00:00+00
310117001	01a21117-b931-78d8-ab79-d607819f05b7	01a21117-b291-7e7d-b2c1-128403bd418b	2026-04-20 02:00:00+00	/songjiang/medical-insurance	e22	resident.moved	{"moved": {"on": "2026-04-20", "to_street": "310117002", "to_committee": "310117002003"}}	2026-04-20 02:00:00+00
310117002	01a21117-b290-78eb-bedb-6e3c68e42693	01a21117-b291-7e7d-b2c1-128403bd418b	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e13	resident.registered	{"facts": [{"tag": "dibao_edge", "kind": "assistance", "valid_to": null, "valid_from": "2026-01-01"}]}	2026-03-20 02:00:00+00
310117002	01a21117-b301-74d0-9120-0e0bcda619ee	01a21117-b291-7e7d-b2c1-128403bd418b	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e17	change.accident	{"facts": [{"kind": "major_change", "cause": "accident", "valid_to": null, "valid_from": "2026-03-19"}]}	2026-03-20 02:00:00+00
310117002	01a21117-b931-78d8-ab79-d607819f05b7	01a21117-b291-7e7d-b2c1-128403bd418b	2026-04-20 02:00:00+00	/songjiang/medical-insurance	e22	resident.moved	{"moved": {"on": "2026-04-20", "to_street": "310117002", "to_committee": "310117002003"}}	2026-04-20 02:00:00+00
310117002	01a21117-b9c7-7659-8bc8-81af199a0760	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-22 02:00:00+00	/songjiang/medical-insurance	e23	resident.moved	{"moved": {"on": "2026-04-22", "to_street": "310117001", "to_committee": "310117001001"}}	2026-04-22 02:00:00+00
310117001	01a21117-b26b-70d7-8fc6-9d5ef8c25ebb	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e11	resident.registered	{"facts": [{"tag": "dibao_edge", "kind": "assistance", "valid_to": null, "valid_from": "2026-01-01"}]}	2026-03-20 02:00:00+00
310117001	01a21117-b2dc-79dd-8649-5391859cc6ef	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-03-20 02:00:00+00	/songjiang/medical-insurance	e16	change.accident	{"facts": [{"kind": "major_change", "cause": "accident", "valid_to": null, "valid_from": "2026-03-20"}]}	2026-03-20 02:00:00+00
310117001	01a21117-b911-7da0-bbe7-4aa12069dc70	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-20 02:00:00+00	/songjiang/medical-insurance	e21	resident.moved	{"moved": {"on": "2026-04-20", "to_street": "310117002", "to_committee": "310117002003"}}	2026-04-20 02:00:00+00
310117001	01a21117-b9c7-7659-8bc8-81af199a0760	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-22 02:00:00+00	/songjiang/medical-insurance	e23	resident.moved	{"moved": {"on": "2026-04-22", "to_street": "310117001", "to_committee": "310117001001"}}	2026-04-22 02:00:00+00
\.


--
-- Data for Name: feed; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.feed (source, expected_every_minutes, expected_days, learnt_every_minutes, learnt_days, paused, watched_from, checked_at, silent_since, sequence_from, sequence_era) FROM stdin;
/songjiang/medical-insurance	\N	\N	\N	\N	f	2026-03-20 02:00:00+00	2026-05-11 02:00:00+00	\N	7	\N
\.


--
-- Data for Name: feed_hour; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.feed_hour (source, hour_at, requests, accepted, duplicates, rejected, last_heard_at, last_event_at) FROM stdin;
/songjiang/medical-insurance	2026-03-20 02:00:00+00	3	2	1	0	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00
\.


--
-- Data for Name: import_mapping; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.import_mapping (source, kind, signature, mapping, updated_at) FROM stdin;
/files/register	register	x	{"姓名": "name"}	2026-11-25 05:04:57.991853+00
\.


--
-- Data for Name: login; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.login (token_digest, user_id, created_at, expires_at) FROM stdin;
\\x614f9bf4ff96eddcd2a928d359e338336dc0d6562524abc13c9e9c77716ef0c8	01a21117-b141-79f5-b9bc-7c70591b059f	2026-11-25 05:04:55.112998+00	2026-11-25 06:04:55.112998+00
\\x7904eac74af59d2c7479bbbdd8f257a5ef9a126079d4ac28e7056044d5ce1063	01a21117-b150-7984-8273-4a5eb7a6f144	2026-11-25 05:04:55.123392+00	2026-11-25 06:04:55.123392+00
\\xa02a8e8e63f975c13cd689090bbb601d227bb539103c76623f78b9180d8e2638	01a21117-b158-748a-b4d0-cd790fb6e749	2026-11-25 05:04:55.132094+00	2026-11-25 06:04:55.132094+00
\\xa6f1323f5229d10fc457d0cd9fa74aa21db52c97c50fd74516dfbc62dd30fe07	01a21117-b162-7b7f-9ddf-91d7daf51916	2026-11-25 05:04:55.14075+00	2026-11-25 06:04:55.14075+00
\\x260ff804d005077955667faefbd4d83dec94a04be399c66c5ccd761dffdb718b	01a21117-b16b-7d0a-9dd0-ef46293b61d1	2026-11-25 05:04:55.150721+00	2026-11-25 06:04:55.150721+00
\\x8ba896195897e61072fc2433c35675e51760d45cee2729955c606dfcd1d3a908	01a21117-b174-7447-9141-b09c1b397278	2026-11-25 05:04:55.160216+00	2026-11-25 06:04:55.160216+00
\\xb14ad3107fa018d52e6847015ad68052847ed92b4a161800bdc4ecd5c11b19d5	01a21117-b17f-7a7b-950f-0d964c17040e	2026-11-25 05:04:55.169976+00	2026-11-25 06:04:55.169976+00
\\x06540aebb00171ca6ea8d668e884a030219dd78b65bd23f4ed4729d26d038bfb	01a21117-b187-7635-9dfc-caf06af57eb5	2026-11-25 05:04:55.178192+00	2026-11-25 06:04:55.178192+00
\.


--
-- Data for Name: notification; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.notification (street_code, notification_id, user_id, kind, task_id, text, created_at, read_at) FROM stdin;
310117001	01a21117-b457-761f-88a6-b6582b6260e3	01a21117-b141-79f5-b9bc-7c70591b059f	escalation	01a21117-b2f5-723e-81b0-d13dd2e10763	第1级提醒：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）	2026-03-24 01:00:00+00	\N
310117001	01a21117-b457-7a35-bd90-d1827a4e21d1	01a21117-b158-748a-b4d0-cd790fb6e749	escalation	01a21117-b31f-7e53-8d31-abf24dd28d9c	第1级提醒：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-03-24 01:00:00+00	\N
310117001	01a21117-b457-7033-9ede-74a6933eedf2	01a21117-b150-7984-8273-4a5eb7a6f144	escalation	01a21117-b340-7f20-8d11-331bbbf834b9	第1级提醒：任务应于2026-03-27前完成。四（四）收到线索，请核实	2026-03-24 01:00:00+00	\N
310117001	01a21117-b498-71ae-909b-9c6612772660	01a21117-b141-79f5-b9bc-7c70591b059f	digest	\N	2026-03-25：逾期任务0件，即将到期1件，新消息1条。\n第1级提醒：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）（任务 01a21117-b2f5-723e-81b0-d13dd2e10763）	2026-03-25 01:00:00+00	\N
310117	01a21117-b4ab-7a38-958d-8a1080ad4304	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-03-25：逾期任务0件，即将到期2件，新消息0条。	2026-03-25 01:00:00+00	\N
310117001	01a21117-b4cd-73ba-8c6a-cb43975d6942	01a21117-b141-79f5-b9bc-7c70591b059f	digest	\N	2026-03-26：逾期任务0件，即将到期1件，新消息0条。	2026-03-26 01:00:00+00	\N
310117	01a21117-b4e1-70a9-a889-bd2c8ac8a7d4	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-03-26：逾期任务0件，即将到期3件，新消息0条。	2026-03-26 01:00:00+00	\N
310117001	01a21117-b501-709f-8c6c-47db29ca9033	01a21117-b141-79f5-b9bc-7c70591b059f	digest	\N	2026-03-27：逾期任务0件，即将到期1件，新消息0条。	2026-03-27 01:00:00+00	\N
310117	01a21117-b513-7967-9b81-b590efa7f39b	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-03-27：逾期任务0件，即将到期3件，新消息0条。	2026-03-27 01:00:00+00	\N
310117001	01a21117-b56f-7797-99f1-6b88714daf48	01a21117-b141-79f5-b9bc-7c70591b059f	escalation	01a21117-b2f5-723e-81b0-d13dd2e10763	第2级提醒：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）	2026-03-30 01:00:00+00	\N
310117001	01a21117-b56f-7f21-8c32-1344facb1e7c	01a21117-b158-748a-b4d0-cd790fb6e749	escalation	01a21117-b31f-7e53-8d31-abf24dd28d9c	第2级提醒：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-03-30 01:00:00+00	\N
310117001	01a21117-b56f-7df7-9024-d658b46a1cb8	01a21117-b150-7984-8273-4a5eb7a6f144	escalation	01a21117-b340-7f20-8d11-331bbbf834b9	第2级提醒：任务应于2026-03-27前完成。四（四）收到线索，请核实	2026-03-30 01:00:00+00	\N
310117001	01a21117-b57a-70f3-9965-336148d84b44	01a21117-b141-79f5-b9bc-7c70591b059f	digest	\N	2026-03-30：逾期任务1件，即将到期0件，新消息0条。	2026-03-30 01:00:00+00	\N
310117	01a21117-b58f-717d-945a-ec9807cd3c1c	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-03-30：逾期任务3件，即将到期0件，新消息0条。	2026-03-30 01:00:00+00	\N
310117001	01a21117-b5ac-7265-b70b-866ba9a018ab	01a21117-b158-748a-b4d0-cd790fb6e749	escalation	01a21117-b2f5-723e-81b0-d13dd2e10763	第3级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）	2026-03-31 01:00:00+00	\N
310117001	01a21117-b5ac-72ad-b14e-8f4a8d8568bd	01a21117-b158-748a-b4d0-cd790fb6e749	escalation	01a21117-b31f-7e53-8d31-abf24dd28d9c	第3级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-03-31 01:00:00+00	\N
310117001	01a21117-b5ac-782c-b56f-cca9b63118b1	01a21117-b158-748a-b4d0-cd790fb6e749	escalation	01a21117-b340-7f20-8d11-331bbbf834b9	第3级上报：任务应于2026-03-27前完成。四（四）收到线索，请核实	2026-03-31 01:00:00+00	\N
310117001	01a21117-b5b7-7cfc-8ca2-b8857e6422ad	01a21117-b141-79f5-b9bc-7c70591b059f	digest	\N	2026-03-31：逾期任务1件，即将到期0件，新消息1条。\n第2级提醒：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）（任务 01a21117-b2f5-723e-81b0-d13dd2e10763）	2026-03-31 01:00:00+00	\N
310117	01a21117-b5ca-7589-aee3-7a552b05b8f9	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-03-31：逾期任务3件，即将到期0件，新消息0条。	2026-03-31 01:00:00+00	\N
310117001	01a21117-b5f9-74e3-8d62-f83aeb62541b	01a21117-b141-79f5-b9bc-7c70591b059f	digest	\N	2026-04-01：逾期任务1件，即将到期0件，新消息0条。	2026-04-01 01:00:00+00	\N
310117	01a21117-b60b-784f-b2f2-aad34915713d	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-01：逾期任务3件，即将到期0件，新消息0条。	2026-04-01 01:00:00+00	\N
310117001	01a21117-b629-73ec-b4ca-7dea10ac28ee	01a21117-b162-7b7f-9ddf-91d7daf51916	escalation	01a21117-b2f5-723e-81b0-d13dd2e10763	第4级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）	2026-04-02 01:00:00+00	\N
310117001	01a21117-b629-7092-b832-859dc69d0c33	01a21117-b162-7b7f-9ddf-91d7daf51916	escalation	01a21117-b31f-7e53-8d31-abf24dd28d9c	第4级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-04-02 01:00:00+00	\N
310117001	01a21117-b629-7057-b3d9-b7ebc835abb4	01a21117-b162-7b7f-9ddf-91d7daf51916	escalation	01a21117-b340-7f20-8d11-331bbbf834b9	第4级上报：任务应于2026-03-27前完成。四（四）收到线索，请核实	2026-04-02 01:00:00+00	\N
310117001	01a21117-b632-7701-ae85-f31faa355ab6	01a21117-b141-79f5-b9bc-7c70591b059f	digest	\N	2026-04-02：逾期任务1件，即将到期0件，新消息0条。	2026-04-02 01:00:00+00	\N
310117	01a21117-b644-7a4a-891b-e20c1b70541e	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-02：逾期任务3件，即将到期0件，新消息0条。	2026-04-02 01:00:00+00	\N
310117001	01a21117-b65f-7132-a169-3aa042ff9138	01a21117-b141-79f5-b9bc-7c70591b059f	digest	\N	2026-04-03：逾期任务1件，即将到期0件，新消息0条。	2026-04-03 01:00:00+00	\N
310117	01a21117-b671-7d22-a7fb-a142132165cf	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-03：逾期任务3件，即将到期0件，新消息0条。	2026-04-03 01:00:00+00	\N
310117	01a21117-b6fc-7db0-95a8-621e74dadd1f	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-07：逾期任务2件，即将到期0件，新消息0条。	2026-04-07 01:00:00+00	\N
310117	01a21117-b72b-7de2-89b8-980238062d13	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-08：逾期任务2件，即将到期0件，新消息0条。	2026-04-08 01:00:00+00	\N
310117001	01a21117-b744-76ea-89ec-3c90f2bed267	01a21117-b16b-7d0a-9dd0-ef46293b61d1	escalation	01a21117-b31f-7e53-8d31-abf24dd28d9c	第5级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-04-09 01:00:00+00	\N
310117001	01a21117-b744-7124-b4eb-a061915bc741	01a21117-b16b-7d0a-9dd0-ef46293b61d1	escalation	01a21117-b340-7f20-8d11-331bbbf834b9	第5级上报：任务应于2026-03-27前完成。四（四）收到线索，请核实	2026-04-09 01:00:00+00	\N
310117	01a21117-b75c-70a2-a71b-11b8f5977efe	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-09：逾期任务2件，即将到期0件，新消息0条。	2026-04-09 01:00:00+00	\N
310117	01a21117-b78a-70f1-9d59-67d771aac752	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-10：逾期任务2件，即将到期1件，新消息2条。\n第5级上报：任务应于2026-03-27前完成。四（四）收到线索，请核实（任务 01a21117-b340-7f20-8d11-331bbbf834b9）\n第5级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）（任务 01a21117-b31f-7e53-8d31-abf24dd28d9c）	2026-04-10 01:00:00+00	\N
310117	01a21117-b7e5-7e91-b200-e19eab7cba07	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-13：逾期任务2件，即将到期1件，新消息0条。	2026-04-13 01:00:00+00	\N
310117	01a21117-b825-7a33-bad8-28ab174348d5	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-14：逾期任务2件，即将到期1件，新消息0条。	2026-04-14 01:00:00+00	\N
310117001	01a21117-b844-7c56-899e-990cb4e4b94f	01a21117-b158-748a-b4d0-cd790fb6e749	escalation	01a21117-b3c0-78e7-bb07-5c2022e22452	第1级提醒：任务应于2026-04-19前完成。四（五）走访发现风险隐患，请跟踪回访	2026-04-15 01:00:00+00	\N
310117	01a21117-b85a-7441-86e4-f95bf0d9a465	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-15：逾期任务2件，即将到期1件，新消息0条。	2026-04-15 01:00:00+00	\N
310117	01a21117-b87f-7753-8657-913ce254bf94	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-16：逾期任务2件，即将到期1件，新消息0条。	2026-04-16 01:00:00+00	\N
310117	01a21117-b8a5-7b4d-b535-55029ab0e37e	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-17：逾期任务2件，即将到期1件，新消息0条。	2026-04-17 01:00:00+00	\N
310117001	01a21117-b8e8-7fc1-9ee1-9bf0b50b2f56	01a21117-b158-748a-b4d0-cd790fb6e749	escalation	01a21117-b3c0-78e7-bb07-5c2022e22452	第2级提醒：任务应于2026-04-19前完成。四（五）走访发现风险隐患，请跟踪回访	2026-04-20 01:00:00+00	\N
310117002	01a21117-b95f-70cd-9e0d-dd4ea6278d4a	01a21117-b187-7635-9dfc-caf06af57eb5	escalation	01a21117-b94c-7a08-922d-ae40438d0600	第1级提醒：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-04-20 02:00:00+00	\N
310117002	01a21117-b95f-7898-b5df-5f016cc49fca	01a21117-b187-7635-9dfc-caf06af57eb5	escalation	01a21117-b94c-7a08-922d-ae40438d0600	第2级提醒：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-04-20 02:00:00+00	\N
310117002	01a21117-b95f-7b64-891e-9379f514afbf	01a21117-b187-7635-9dfc-caf06af57eb5	escalation	01a21117-b94c-7a08-922d-ae40438d0600	第3级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-04-20 02:00:00+00	\N
310117002	01a21117-b95f-7e50-a348-657f541f49b1	01a21117-b16b-7d0a-9dd0-ef46293b61d1	escalation	01a21117-b94c-7a08-922d-ae40438d0600	第4级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-04-20 02:00:00+00	\N
310117002	01a21117-b95f-7cb6-9581-a0caac07d5cb	01a21117-b16b-7d0a-9dd0-ef46293b61d1	escalation	01a21117-b94c-7a08-922d-ae40438d0600	第5级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-04-20 02:00:00+00	\N
310117001	01a21117-b97b-7f33-a3c3-790f5323d5be	01a21117-b158-748a-b4d0-cd790fb6e749	escalation	01a21117-b3c0-78e7-bb07-5c2022e22452	第3级上报：任务应于2026-04-19前完成。四（五）走访发现风险隐患，请跟踪回访	2026-04-21 01:00:00+00	\N
310117001	01a21117-b9f2-7a2b-b120-f7fdc662fef1	01a21117-b162-7b7f-9ddf-91d7daf51916	escalation	01a21117-b3c0-78e7-bb07-5c2022e22452	第4级上报：任务应于2026-04-19前完成。四（五）走访发现风险隐患，请跟踪回访	2026-04-23 01:00:00+00	\N
310117001	01a21117-bab6-7d71-99d1-ef8004c8b0c4	01a21117-b16b-7d0a-9dd0-ef46293b61d1	escalation	01a21117-b3c0-78e7-bb07-5c2022e22452	第5级上报：任务应于2026-04-19前完成。四（五）走访发现风险隐患，请跟踪回访	2026-04-29 01:00:00+00	\N
310117	01a21117-b8fe-7676-ab1b-cd2463df5edd	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-20：逾期任务3件，即将到期0件，新消息0条。	2026-04-20 01:00:00+00	\N
310117	01a21117-b991-7143-90f8-f3b99bbcfdb1	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-21：逾期任务3件，即将到期0件，新消息2条。\n第5级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）（任务 01a21117-b94c-7a08-922d-ae40438d0600）\n第4级上报：任务应于2026-03-27前完成。二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）（任务 01a21117-b94c-7a08-922d-ae40438d0600）	2026-04-21 01:00:00+00	\N
310117	01a21117-b9b6-7081-a4ca-1335d579436f	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-22：逾期任务3件，即将到期0件，新消息0条。	2026-04-22 01:00:00+00	\N
310117	01a21117-ba08-708c-b4c4-d567097e731d	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-23：逾期任务3件，即将到期0件，新消息0条。	2026-04-23 01:00:00+00	\N
310117	01a21117-ba2e-78cd-bb02-9ce4035ab160	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-24：逾期任务3件，即将到期0件，新消息0条。	2026-04-24 01:00:00+00	\N
310117	01a21117-ba77-7170-bf98-8c5120087cc8	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-27：逾期任务3件，即将到期0件，新消息0条。	2026-04-27 01:00:00+00	\N
310117	01a21117-ba9d-704b-ac37-1080e70b80d2	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-28：逾期任务3件，即将到期0件，新消息0条。	2026-04-28 01:00:00+00	\N
310117	01a21117-bacf-7fa3-a27d-8b62775200ce	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-29：逾期任务3件，即将到期0件，新消息0条。	2026-04-29 01:00:00+00	\N
310117	01a21117-bb04-7758-bfc4-e65d73b0779e	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-04-30：逾期任务3件，即将到期0件，新消息1条。\n第5级上报：任务应于2026-04-19前完成。四（五）走访发现风险隐患，请跟踪回访（任务 01a21117-b3c0-78e7-bb07-5c2022e22452）	2026-04-30 01:00:00+00	\N
310117	01a21117-bbb6-7e93-b058-e6136b9acbe1	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-05-06：逾期任务3件，即将到期1件，新消息0条。	2026-05-06 01:00:00+00	\N
310117	01a21117-bbe1-7a24-a844-63bb5828d19f	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-05-07：逾期任务3件，即将到期1件，新消息0条。	2026-05-07 01:00:00+00	\N
310117	01a21117-bc14-790c-b916-3dff948b8dd5	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-05-08：逾期任务3件，即将到期1件，新消息0条。	2026-05-08 01:00:00+00	\N
310117	01a21117-bc3d-7de2-8720-dd0ee1a47054	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-05-09：逾期任务3件，即将到期1件，新消息0条。	2026-05-09 01:00:00+00	\N
310117	01a21117-bc74-7674-b0ac-e5d81ca7ea4b	01a21117-b16b-7d0a-9dd0-ef46293b61d1	digest	\N	2026-05-11：逾期任务3件，即将到期1件，新消息0条。	2026-05-11 01:00:00+00	\N
\.


--
-- Data for Name: notification_channel; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.notification_channel (user_id, channel_id, kind, address, secret, failures, failing_since, retry_at, last_error, created_at) FROM stdin;
01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b1a2-7f64-b146-87528c13fe9d	webhook	\\x010109728851342b362d61825ea82b3fc580e5242f087d44f2d4aabe197303c18a870913a02df736e60a53c50039ffa4c879562a6964	\\x010190ea34c88fa36f273b4233508b69a78602d66edfda5826277462fcdfc2c8d06e977ec92cffb177a574c7838adf49ec1a9ad10470ae83eb0d2f186b6df80bd7803fc03fffb62e17deb49d49629edf	0	\N	\N	\N	2026-03-20 02:00:00+00
01a21117-b158-748a-b4d0-cd790fb6e749	01a21117-b1a5-78c2-9753-04316c2742cd	webhook	\\x0101ae814cf4ce2ac37005d66bf8897f3802b8727d382c498b9a547b97b8f659ea52f16b977f9eeb75058304c7ae7600f740e472dd0345	\\x0101d0710d2046112325ea5a46cd9697673b82f5d0090fe21224c16a0f992d47dc7fbb7aa3adba968d63504ce31428a1396ac0d5adc8caf064c3a81bcd032866066e6946daf2bb5235c18ef4589bfcbe	0	\N	\N	\N	2026-03-20 02:00:00+00
01a21117-b16b-7d0a-9dd0-ef46293b61d1	01a21117-b1a7-7835-a319-d5f9aff8ae37	webhook	\\x0101e1f8a69ddc1398437f02f1a432b2a2b3d9022b176177a5195f31a109c566a6c1590c1717c16282bc56990569b961762e32c680937b	\\x010148ac0480ec116e422fb75b15b536e14e43ac0c3670ebc608e961a33d977221383c4ccab02dde06c750f87f8414c203011bdf43c3852008b90eaca2e5bb8662bf5146052c7061fa81d3aadeba46ce	0	\N	\N	\N	2026-03-20 02:00:00+00
\.


--
-- Data for Name: notification_preference; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.notification_preference (user_id, digest, kinds, updated_at) FROM stdin;
01a21117-b141-79f5-b9bc-7c70591b059f	t	\N	2026-03-20 02:00:00+00
01a21117-b158-748a-b4d0-cd790fb6e749	f	\N	2026-03-20 02:00:00+00
01a21117-b16b-7d0a-9dd0-ef46293b61d1	t	\N	2026-03-20 02:00:00+00
\.


--
-- Data for Name: policy; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.policy (policy_id, version, effective_on, document, comment, by_user_id, created_at) FROM stdin;
songjiang-2024-33	1	2024-07-23	id: songjiang-2024-33\nversion: 1\neffective_on: 2024-07-23\ntitle: 松江区开展低收入人口探访关爱服务指导意见（试行）\nsource: 沪松民〔2024〕33号\nwidening_clause: 二（三）\n\nrules:\n  - id: high.major_change\n    tier: high\n    clause: 二（一）\n    settled: A1, A2\n    label: 近期遭遇重大变故的低保、低保边缘对象\n    when:\n      all:\n        - assistance: [dibao_urban, dibao_rural, dibao_edge]\n        - major_change_open: true\n  - id: high.scattered_tekun_70\n    tier: high\n    clause: 二（一）\n    settled: A3, A4\n    label: 70岁以上分散供养特困人员\n    when:\n      all:\n        - support: scattered\n        - age_at_least: 70\n  - id: key.serious_illness\n    tier: key\n    clause: 二（二）\n    settled: A8, A10\n    label: 在库困难群众中的重病人员\n    when:\n      all:\n        - in_register: true\n        - serious_illness: true\n  - id: key.severe_disability\n    tier: key\n    clause: 二（二）\n    settled: A9, A10\n    label: 在库困难群众中的重残人员\n    when:\n      all:\n        - in_register: true\n        - severe_disability: true\n  - id: key.scattered_tekun\n    tier: key\n    clause: 二（二）\n    settled: A6\n    label: 分散供养特困对象\n    when:\n      all:\n        - assistance: [tekun]\n        - support: scattered\n  - id: general.in_register\n    tier: general\n    clause: 二（三）\n    settled: A7\n    label: 在库困难群众\n    when:\n      in_register: true\n  - id: general.warned\n    tier: general\n    clause: 二（三）\n    settled: A22\n    label: 推送时间在一年内的因病致贫预警人群\n    when:\n      warned_within_year: true\n  - id: general.left_aid\n    tier: general\n    clause: 二（三）\n    settled: A24\n    switch: months_after_leaving\n    label: 退出救助不久的人员\n    when:\n      left_aid_recently: true\n\nsuggestions:\n  - rule: high.major_change\n    text: 建议扩面：遭遇重大变故，但不属于低保、低保边缘对象，街镇可将其纳入高风险对象\n    when:\n      all:\n        - in_register: true\n        - major_change_open: true\n        - not: {assistance: [dibao_urban, dibao_rural, dibao_edge]}\n\nwarnings:\n  - id: dibao_urban_and_dibao_rural\n    text: 同时标记城保和农保，请核对标签\n    when:\n      all:\n        - assistance: [dibao_urban]\n        - assistance: [dibao_rural]\n  - id: dibao_and_tekun\n    text: 同时标记低保和特困，请核对标签\n    when:\n      all:\n        - assistance: [dibao_urban, dibao_rural]\n        - assistance: [tekun]\n  - id: dibao_and_dibao_edge\n    text: 同时标记低保和低保边缘，请核对标签\n    when:\n      all:\n        - assistance: [dibao_urban, dibao_rural]\n        - assistance: [dibao_edge]\n	comes with the product	\N	2026-11-25 05:04:55.001779+00
\.


--
-- Data for Name: receipt; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.receipt (source, event_id, digest, street_code, alert_id, sequence) FROM stdin;
/songjiang/medical-insurance	e9	\\x191f3daea3219388c24611ba588774294070069c1bd2349023a22ea7f7ca482a	310117001	01a21117-b238-738d-a64e-6e26d1349286	\N
/songjiang/medical-insurance	e11	\\xfbfabeb7bf3f3821ecca3b73a20f5ac5d0c763e3477ee444db7fe26b86ab08cb	310117001	01a21117-b26b-70d7-8fc6-9d5ef8c25ebb	\N
/songjiang/medical-insurance	e13	\\x49c40a61f60f63955c83f57f34203a5f7c60fe92211d4ee2ed59d7128190cc21	310117001	01a21117-b290-78eb-bedb-6e3c68e42693	\N
/songjiang/medical-insurance	e15	\\xb3a4d9bd922ba7fab693ec6c315ad8a3c040153af9edb6d0280c20195d184ace	310117002	01a21117-b2b1-7942-a772-bb799d2f42b9	\N
/songjiang/medical-insurance	e16	\\x253b874336fb6cb71ad4358e0385fccc96fba796937df1fca139cc25066ed464	310117001	01a21117-b2dc-79dd-8649-5391859cc6ef	\N
/songjiang/medical-insurance	e17	\\x52b9a46effd416c3b667218e407b0285d6bbfaf41f3246a2b44109b60f178494	310117001	01a21117-b301-74d0-9120-0e0bcda619ee	\N
/songjiang/medical-insurance	e18	\\xe35c814dda260f3128039e5faefed04161023c89d6b30e0b922e9a5f79ae507c	310117001	01a21117-b32c-765b-b404-f1fb767f0dfc	\N
/songjiang/medical-insurance	e19	\\xfa1da7ca437f544cf322985347bd53d632838a1d2f295d19d7323194b1a09466	310117	01a21117-b34a-7546-a240-e84cfc761790	\N
/songjiang/medical-insurance	e20	\\x87b45002055c8bd3b7f858bc819ec008c93c112c3c434775c9a24527d46eee74	310117001	01a21117-b34e-7ba7-a1a7-cbcc81d52c09	7
/songjiang/medical-insurance	e21	\\xf27dc663057ed411effc58274e4c8a87e95871f8281c9dd4251c45da7f15a15c	310117001	01a21117-b911-7da0-bbe7-4aa12069dc70	\N
/songjiang/medical-insurance	e22	\\xd69a849d8cf0c4bf2caf2dbdd81b4e70ecb399b604b333b38e127d224b81b210	310117001	01a21117-b931-78d8-ab79-d607819f05b7	\N
/songjiang/medical-insurance	e23	\\x3715c50f8dcb37d42a85f578fa52a1fa3192241afe690a48aade4102d79c0927	310117002	01a21117-b9c7-7659-8bc8-81af199a0760	\N
/songjiang/medical-insurance	e24	\\x4b806011664f2f055e2d70303b8e96b3d636f2f72f02ecd32cec680068b3037f	310117002	01a21117-bc85-7255-8d97-d0b64a8ef6bc	\N
\.


--
-- Data for Name: recusal; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.recusal (user_id, resident_id, reason) FROM stdin;
01a21117-b141-79f5-b9bc-7c70591b059f	01a21117-b291-7e7d-b2c1-128403bd418b	亲属
\.


--
-- Data for Name: resident; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.resident (street_code, resident_id, committee_code, name, birth_date, sex, household, relation, id_number, phone, address, person_key, paired_user_id, tier, rules, decided_on, wake_on, died_on, opened_on, moved_to, moved_on, details_at, failures, retry_at, created_at) FROM stdin;
310117001	01a21117-b291-7e7d-b2c1-128403bd418b	310117001002	测试	1960-01-01	male	\N	\N	\\x010171b8d8fc2999aa15698344abce732372bd21cfb6ed77d4ebb25801a36ff03df95462be134079cee3702c4d8e2952	\N	\N	\\x540f7788802b34d12210b53b2d40fdf8c8caae5400b5218832f2e3b20ba422cd	\N	none	{high.major_change,general.in_register}	2026-04-20	\N	\N	2026-03-20	310117002	2026-04-20	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00
310117002	01a21117-b26c-704b-bc4f-a2b12527cc1c	310117002003	测试	1960-01-01	male	\N	\N	\\x0101fb4671470d81ef83e0793d63f79ec49393fc1cd502ec13a2ec1031cf09f0aa15fede6d2bb54d21c8c02a9415355c	\N	\N	\\x5cc4743b3fd1761fc221220e628964c1036fd40a556d52a2e5b72b7cd892ee7a	\N	none	{high.major_change,general.in_register}	2026-04-22	\N	\N	2026-04-20	310117001	2026-04-22	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00
310117002	01a21117-b2b3-75be-9ffe-6622d98fcea8	310117002003	测试	1960-01-01	male	\N	\N	\\x01016f03f9adead25144dd440ee677937a487913103188918f17d35a70ca471b452a1d7376e82f3a59c0dedc5e683d21	\N	\N	\\x3c22e662abb4edc198ead95a73c2b8831070af72da7498a09e9f829e312c9508	\N	general	{general.in_register}	2026-03-20	2026-07-01	\N	2026-03-20	\N	\N	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00
310117001	01a21117-b26c-704b-bc4f-a2b12527cc1c	310117001001	测试	1960-01-01	male	\N	\N	\\x0101fb4671470d81ef83e0793d63f79ec49393fc1cd502ec13a2ec1031cf09f0aa15fede6d2bb54d21c8c02a9415355c	\N	\N	\\x5cc4743b3fd1761fc221220e628964c1036fd40a556d52a2e5b72b7cd892ee7a	\N	high	{high.major_change,general.in_register}	2026-05-01	2026-06-01	\N	2026-04-22	\N	\N	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00
310117002	01a21117-b291-7e7d-b2c1-128403bd418b	310117002003	测试	1960-01-01	male	\N	\N	\\x010171b8d8fc2999aa15698344abce732372bd21cfb6ed77d4ebb25801a36ff03df95462be134079cee3702c4d8e2952	\N	\N	\\x540f7788802b34d12210b53b2d40fdf8c8caae5400b5218832f2e3b20ba422cd	\N	high	{high.major_change,general.in_register}	2026-05-01	2026-06-01	\N	2026-04-20	\N	\N	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00
310117001	01a21117-b23a-7323-94ab-8b914a55307d	310117001001	测试	1960-01-01	male	\N	\N	\\x010135c95ed225eceeca46a24f04429b70f613d6e808bcf6d8082509f48c1229d5f23194eaadca8c8d0aac9916a48b07	\N	\N	\\x65a92930cd5ac06bf5ce8242a554ddd0c7eb3c0a12dc6d63d4937363df4aec4b	\N	general	{general.in_register,general.warned}	2026-04-20	2026-07-01	\N	2026-03-20	\N	\N	2026-03-20 02:00:00+00	0	\N	2026-03-20 02:00:00+00
\.


--
-- Data for Name: sandbox_clock; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.sandbox_clock (id, business_at, real_at, target_at) FROM stdin;
1	2026-05-11 03:00:00+00	2026-11-25 05:04:57.993614+00	\N
\.


--
-- Data for Name: seen_message; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.seen_message (source, message_id, sent_at) FROM stdin;
/songjiang/medical-insurance	m1	2026-11-25 05:04:55+00
\.


--
-- Data for Name: signed_source; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.signed_source (source, obligatory) FROM stdin;
/songjiang/medical-insurance	f
\.


--
-- Data for Name: signing_secret; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.signing_secret (secret_id, source, secret, created_at, revoked_at) FROM stdin;
01a21117-b198-7615-b53a-975be708be95	/songjiang/medical-insurance	\\x0101d0cf87a6605a8655cdf13749c34ddbe4e38815f509862f42fdf53c21500076199fa4f678874b3c4f95fb37263d9ade31a5a2a2f9ba795c5e1d14cac9	2026-11-25 05:04:55.191085+00	\N
\.


--
-- Data for Name: street; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.street (code, name, kind, valid_from, valid_to) FROM stdin;
310117	松江区	district	2023-06-30	\N
310117001	岳阳街道	subdistrict	2023-06-30	\N
310117002	永丰街道	subdistrict	2023-06-30	\N
310117003	方松街道	subdistrict	2023-06-30	\N
310117004	中山街道	subdistrict	2023-06-30	\N
310117005	广富林街道	subdistrict	2023-06-30	\N
310117006	九里亭街道	subdistrict	2023-06-30	\N
310117102	泗泾镇	town	2023-06-30	\N
310117103	佘山镇	town	2023-06-30	\N
310117104	车墩镇	town	2023-06-30	\N
310117105	新桥镇	town	2023-06-30	\N
310117106	洞泾镇	town	2023-06-30	\N
310117107	九亭镇	town	2023-06-30	\N
310117109	泖港镇	town	2023-06-30	\N
310117116	石湖荡镇	town	2023-06-30	\N
310117117	新浜镇	town	2023-06-30	\N
310117120	叶榭镇	town	2023-06-30	\N
310117121	小昆山镇	town	2023-06-30	\N
\.


--
-- Data for Name: task; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.task (street_code, task_id, resident_id, committee_code, kind, subject, state, tier, why, due_on, planned_on, assignee_id, assigned_because, chain, escalation_level, next_step_at, details, created_at, updated_at, closed_at, closed_because) FROM stdin;
310117002	01a21117-b2cf-7b2e-b068-a0683d919e30	01a21117-b2b3-75be-9ffe-6622d98fcea8	310117002003	visit		open	general	二（三）在库困难群众	2026-06-30	2026-03-20	\N	{pool,no_candidate}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 3}, {"to": "street_manager", "action": "raise", "after_working_days": 5}, {"to": "district_officer", "action": "raise", "after_working_days": 10}]	0	2026-06-25 01:00:00+00	\N	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	\N	\N
310117001	01a21117-b365-7ce7-8287-450bd56bd716	01a21117-b23a-7323-94ab-8b914a55307d	310117001001	visit		done	general	二（三）在库困难群众（2026-03-20 推送，来源 medical-insurance）	2026-04-03	2026-03-31	01a21117-b150-7984-8273-4a5eb7a6f144	{override}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 2}, {"to": "street_manager", "action": "raise", "after_working_days": 4}, {"to": "district_officer", "action": "raise", "after_working_days": 8}]	0	\N	\N	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	2026-03-20 02:00:00+00	visited
310117001	01a21117-b5e3-709f-b04b-5ef339d5bf55	01a21117-b23a-7323-94ab-8b914a55307d	310117001001	visit		open	general	二（三）在库困难群众（2026-03-20 推送，来源 medical-insurance）	2026-06-30	2026-04-01	01a21117-b150-7984-8273-4a5eb7a6f144	{continuity,committee}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 2}, {"to": "street_manager", "action": "raise", "after_working_days": 4}, {"to": "district_officer", "action": "raise", "after_working_days": 8}]	0	2026-06-25 01:00:00+00	\N	2026-03-31 16:00:00+00	2026-03-31 16:00:00+00	\N	\N
310117001	01a21117-b2f5-723e-81b0-d13dd2e10763	01a21117-b26c-704b-bc4f-a2b12527cc1c	310117001001	visit		done	high	二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）	2026-03-27	2026-03-20	01a21117-b141-79f5-b9bc-7c70591b059f	{committee,least_loaded}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 2}, {"to": "street_manager", "action": "raise", "after_working_days": 4}, {"to": "district_officer", "action": "raise", "after_working_days": 8}]	4	\N	\N	2026-03-20 02:00:00+00	2026-04-03 02:00:00+00	2026-04-03 02:00:00+00	visited
310117001	01a21117-b340-7f20-8d11-331bbbf834b9	01a21117-b23a-7323-94ab-8b914a55307d	310117001001	lead	lead:01a21117-b32c-765b-b404-f1fb767f0dfc	open	general	四（四）收到线索，请核实	2026-03-27	2026-03-24	01a21117-b150-7984-8273-4a5eb7a6f144	{committee,least_loaded}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 2}, {"to": "street_manager", "action": "raise", "after_working_days": 4}, {"to": "district_officer", "action": "raise", "after_working_days": 8}]	5	\N	\N	2026-03-20 02:00:00+00	2026-04-09 01:00:00+00	\N	\N
310117001	01a21117-b31f-7e53-8d31-abf24dd28d9c	01a21117-b291-7e7d-b2c1-128403bd418b	310117001002	visit		cancelled	high	二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-03-27	2026-03-23	\N	{pool,no_candidate}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 2}, {"to": "street_manager", "action": "raise", "after_working_days": 4}, {"to": "district_officer", "action": "raise", "after_working_days": 8}]	5	\N	\N	2026-03-20 02:00:00+00	2026-04-20 02:00:00+00	2026-04-20 02:00:00+00	moved
310117001	01a21117-b3c0-78e7-bb07-5c2022e22452	01a21117-b23a-7323-94ab-8b914a55307d	310117001001	follow_up		open	general	四（五）走访发现风险隐患，请跟踪回访	2026-04-19	2026-04-17	01a21117-b158-748a-b4d0-cd790fb6e749	{street_advisor}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 2}, {"to": "street_manager", "action": "raise", "after_working_days": 4}, {"to": "district_officer", "action": "raise", "after_working_days": 8}]	5	\N	\N	2026-03-20 02:00:00+00	2026-04-29 01:00:00+00	\N	\N
310117001	01a21117-bb20-72c6-9dac-18323d8c48e4	01a21117-b26c-704b-bc4f-a2b12527cc1c	310117001001	visit		open	high	二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）	2026-05-31	2026-05-09	01a21117-b141-79f5-b9bc-7c70591b059f	{continuity,committee}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 2}, {"to": "street_manager", "action": "raise", "after_working_days": 4}, {"to": "district_officer", "action": "raise", "after_working_days": 8}]	0	2026-05-27 01:00:00+00	\N	2026-04-30 16:00:00+00	2026-04-30 16:00:00+00	\N	\N
310117002	01a21117-b94c-7a08-922d-ae40438d0600	01a21117-b291-7e7d-b2c1-128403bd418b	310117002003	visit		open	high	二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）	2026-03-27	2026-04-20	\N	{pool,no_candidate}	[{"to": "assignee", "action": "remind", "after_working_days": -3}, {"to": "assignee", "action": "remind", "after_working_days": 1}, {"to": "street_advisor", "action": "raise", "after_working_days": 3}, {"to": "street_manager", "action": "raise", "after_working_days": 5}, {"to": "district_officer", "action": "raise", "after_working_days": 10}]	5	\N	\N	2026-04-20 02:00:00+00	2026-04-20 02:00:00+00	\N	\N
\.


--
-- Data for Name: task_event; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.task_event (street_code, event_id, task_id, at, what, by_user_id, details) FROM stdin;
310117002	01a21117-b2d0-752e-9a75-f274d7d6aa5d	01a21117-b2cf-7b2e-b068-a0683d919e30	2026-03-20 02:00:00+00	opened	\N	{"why": "二（三）在库困难群众", "due_on": "2026-06-30", "because": ["pool", "no_candidate"]}
310117001	01a21117-b2f6-7287-8334-dac903a6a91e	01a21117-b2f5-723e-81b0-d13dd2e10763	2026-03-20 02:00:00+00	opened	\N	{"why": "二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）", "due_on": "2026-03-27", "because": ["committee", "least_loaded"]}
310117001	01a21117-b320-77fe-b297-95e803977fdc	01a21117-b31f-7e53-8d31-abf24dd28d9c	2026-03-20 02:00:00+00	opened	\N	{"why": "二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）", "due_on": "2026-03-27", "because": ["pool", "no_candidate"]}
310117001	01a21117-b341-77e7-846c-029a28af7a08	01a21117-b340-7f20-8d11-331bbbf834b9	2026-03-20 02:00:00+00	opened	\N	{"why": "四（四）收到线索，请核实", "due_on": "2026-03-27", "because": ["committee", "least_loaded"]}
310117001	01a21117-b366-7586-85e8-f719d85ad733	01a21117-b365-7ce7-8287-450bd56bd716	2026-03-20 02:00:00+00	opened	\N	{"why": "二（三）在库困难群众（2026-03-20 推送，来源 medical-insurance）", "due_on": "2026-04-03", "because": ["committee", "least_loaded"]}
310117001	01a21117-b397-7312-a2db-346802f27bce	01a21117-b365-7ce7-8287-450bd56bd716	2026-03-20 02:00:00+00	assigned	01a21117-b162-7b7f-9ddf-91d7daf51916	{"reason": "第三方", "because": ["override"], "user_id": "01a21117-b150-7984-8273-4a5eb7a6f144"}
310117001	01a21117-b3b4-7e5d-af21-3d12f280a179	01a21117-b365-7ce7-8287-450bd56bd716	2026-03-20 02:00:00+00	done	\N	{"because": "visited"}
310117001	01a21117-b3c1-77f9-bd6a-b721450a84f3	01a21117-b3c0-78e7-bb07-5c2022e22452	2026-03-20 02:00:00+00	opened	\N	{"why": "四（五）走访发现风险隐患，请跟踪回访", "due_on": "2026-04-19", "because": ["street_advisor"]}
310117001	01a21117-b3cb-7fbe-bd52-7abbe721dd68	01a21117-b2f5-723e-81b0-d13dd2e10763	2026-03-20 02:00:00+00	attempt	01a21117-b141-79f5-b9bc-7c70591b059f	{"on": "2026-03-20", "outcome": "not_home"}
310117001	01a21117-b453-79d3-bde2-2c00251a43d0	01a21117-b2f5-723e-81b0-d13dd2e10763	2026-03-24 01:00:00+00	escalated	\N	{"to": "assignee", "level": 1, "action": "remind"}
310117001	01a21117-b454-781a-b7ec-7184189920fd	01a21117-b31f-7e53-8d31-abf24dd28d9c	2026-03-24 01:00:00+00	escalated	\N	{"to": "street_advisor", "level": 1, "action": "remind"}
310117001	01a21117-b456-7fe6-810a-0e7d08975fc7	01a21117-b340-7f20-8d11-331bbbf834b9	2026-03-24 01:00:00+00	escalated	\N	{"to": "assignee", "level": 1, "action": "remind"}
310117001	01a21117-b56c-7ced-852e-4cc882fde67b	01a21117-b2f5-723e-81b0-d13dd2e10763	2026-03-30 01:00:00+00	escalated	\N	{"to": "assignee", "level": 2, "action": "remind"}
310117001	01a21117-b56d-7d97-8881-e2943fdfc6fc	01a21117-b31f-7e53-8d31-abf24dd28d9c	2026-03-30 01:00:00+00	escalated	\N	{"to": "street_advisor", "level": 2, "action": "remind"}
310117001	01a21117-b56e-7813-8a17-0bad6ad8a130	01a21117-b340-7f20-8d11-331bbbf834b9	2026-03-30 01:00:00+00	escalated	\N	{"to": "assignee", "level": 2, "action": "remind"}
310117001	01a21117-b5a9-789a-8b37-defb8e9c1e90	01a21117-b2f5-723e-81b0-d13dd2e10763	2026-03-31 01:00:00+00	escalated	\N	{"to": "street_advisor", "level": 3, "action": "raise"}
310117001	01a21117-b5aa-780c-9da4-efefe899d619	01a21117-b31f-7e53-8d31-abf24dd28d9c	2026-03-31 01:00:00+00	escalated	\N	{"to": "street_advisor", "level": 3, "action": "raise"}
310117001	01a21117-b5ab-7243-9a35-cb12ee02b0e2	01a21117-b340-7f20-8d11-331bbbf834b9	2026-03-31 01:00:00+00	escalated	\N	{"to": "street_advisor", "level": 3, "action": "raise"}
310117001	01a21117-b5e4-7758-b4f3-b05688f314de	01a21117-b5e3-709f-b04b-5ef339d5bf55	2026-03-31 16:00:00+00	opened	\N	{"why": "二（三）在库困难群众（2026-03-20 推送，来源 medical-insurance）", "due_on": "2026-06-30", "because": ["continuity", "committee"]}
310117001	01a21117-b626-7504-922e-acde2576f0dd	01a21117-b2f5-723e-81b0-d13dd2e10763	2026-04-02 01:00:00+00	escalated	\N	{"to": "street_manager", "level": 4, "action": "raise"}
310117001	01a21117-b627-71c1-91e7-2bee4ad24280	01a21117-b31f-7e53-8d31-abf24dd28d9c	2026-04-02 01:00:00+00	escalated	\N	{"to": "street_manager", "level": 4, "action": "raise"}
310117001	01a21117-b628-7b2c-9a60-5bf43e51f7db	01a21117-b340-7f20-8d11-331bbbf834b9	2026-04-02 01:00:00+00	escalated	\N	{"to": "street_manager", "level": 4, "action": "raise"}
310117001	01a21117-b692-7963-8168-d276f8404cda	01a21117-b2f5-723e-81b0-d13dd2e10763	2026-04-03 02:00:00+00	done	\N	{"because": "visited"}
310117001	01a21117-b742-74de-8fe6-43b275a3ad6c	01a21117-b31f-7e53-8d31-abf24dd28d9c	2026-04-09 01:00:00+00	escalated	\N	{"to": "district_officer", "level": 5, "action": "raise"}
310117001	01a21117-b743-7d66-a9e1-c97ba467f2d6	01a21117-b340-7f20-8d11-331bbbf834b9	2026-04-09 01:00:00+00	escalated	\N	{"to": "district_officer", "level": 5, "action": "raise"}
310117001	01a21117-b843-7ce0-bd40-e6f0e2db7b32	01a21117-b3c0-78e7-bb07-5c2022e22452	2026-04-15 01:00:00+00	escalated	\N	{"to": "assignee", "level": 1, "action": "remind"}
310117001	01a21117-b8e8-70e0-bd13-2b99ce114d8a	01a21117-b3c0-78e7-bb07-5c2022e22452	2026-04-20 01:00:00+00	escalated	\N	{"to": "assignee", "level": 2, "action": "remind"}
310117002	01a21117-b94d-7e2c-9ca9-699e0ec29e29	01a21117-b94c-7a08-922d-ae40438d0600	2026-04-20 02:00:00+00	opened	\N	{"why": "二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-19 发生，来源 medical-insurance）", "due_on": "2026-03-27", "because": ["pool", "no_candidate"]}
310117002	01a21117-b95b-7aa4-81fe-9052c9932797	01a21117-b94c-7a08-922d-ae40438d0600	2026-04-20 02:00:00+00	escalated	\N	{"to": "street_advisor", "level": 1, "action": "remind"}
310117002	01a21117-b95b-7541-959b-12a67fe6bfa0	01a21117-b94c-7a08-922d-ae40438d0600	2026-04-20 02:00:00+00	escalated	\N	{"to": "street_advisor", "level": 2, "action": "remind"}
310117002	01a21117-b95d-70bb-8db1-81ba189d744e	01a21117-b94c-7a08-922d-ae40438d0600	2026-04-20 02:00:00+00	escalated	\N	{"to": "street_advisor", "level": 3, "action": "raise"}
310117002	01a21117-b95e-7185-b122-f5f8086c58b2	01a21117-b94c-7a08-922d-ae40438d0600	2026-04-20 02:00:00+00	escalated	\N	{"to": "district_officer", "level": 4, "action": "raise"}
310117002	01a21117-b95e-7186-9015-d425ed761a05	01a21117-b94c-7a08-922d-ae40438d0600	2026-04-20 02:00:00+00	escalated	\N	{"to": "district_officer", "level": 5, "action": "raise"}
310117001	01a21117-b97b-7b6b-9e8c-e99eb1001191	01a21117-b3c0-78e7-bb07-5c2022e22452	2026-04-21 01:00:00+00	escalated	\N	{"to": "street_advisor", "level": 3, "action": "raise"}
310117001	01a21117-b9f2-70bf-9d7f-3fd43e320093	01a21117-b3c0-78e7-bb07-5c2022e22452	2026-04-23 01:00:00+00	escalated	\N	{"to": "street_manager", "level": 4, "action": "raise"}
310117001	01a21117-bab5-7a64-9e3c-bbc1489091af	01a21117-b3c0-78e7-bb07-5c2022e22452	2026-04-29 01:00:00+00	escalated	\N	{"to": "district_officer", "level": 5, "action": "raise"}
310117001	01a21117-bb20-7c1f-bab2-6dfce228fe2f	01a21117-bb20-72c6-9dac-18323d8c48e4	2026-04-30 16:00:00+00	opened	\N	{"why": "二（一）近期遭遇重大变故的低保、低保边缘对象（2026-03-20 发生，来源 medical-insurance）", "due_on": "2026-05-31", "because": ["continuity", "committee"]}
\.


--
-- Data for Name: upstream_key; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.upstream_key (key_id, source, key_digest, scopes, types, streets, created_at, expires_at, revoked_at, last_used_on) FROM stdin;
01a21117-b18c-7606-aaf7-2bd41ce097d4	/songjiang/medical-insurance	\\xe7e569fe83d6abe58c8add4023785e91105893fecec869cc028d690bda83a458	{alerts:write,alerts:read}	{}	{}	2026-11-25 05:04:55.180296+00	\N	\N	\N
01a21117-b195-7d90-a701-edbe1a1a0684	/songjiang/civil-affairs	\\x60da562aa8a521243da701f915c60bc50165b520d90738ad2af104071d163eaa	{alerts:write}	{}	{310117001,310117003}	2026-11-25 05:04:55.189242+00	\N	\N	\N
\.


--
-- Data for Name: user_account; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.user_account (user_id, username, name, password_hash, role, street_code, capacity, active, valid_until, created_at) FROM stdin;
01a21117-b141-79f5-b9bc-7c70591b059f	committee_advisor-0	committee_advisor-0	$argon2id$v=19$m=1024,t=1,p=1$lJJWuREMpyA+riAUTOCJLw$vCtgkGHazexeEYJDLI2MEhbPJEzz7k/xrNYYKWcyGoQ	committee_advisor	310117001	30	t	\N	2026-11-25 05:04:55.105201+00
01a21117-b150-7984-8273-4a5eb7a6f144	visitor-1	visitor-1	$argon2id$v=19$m=1024,t=1,p=1$lJJWuREMpyA+riAUTOCJLw$vCtgkGHazexeEYJDLI2MEhbPJEzz7k/xrNYYKWcyGoQ	visitor	310117001	30	t	2027-03-31	2026-11-25 05:04:55.120468+00
01a21117-b158-748a-b4d0-cd790fb6e749	street_advisor-2	street_advisor-2	$argon2id$v=19$m=1024,t=1,p=1$lJJWuREMpyA+riAUTOCJLw$vCtgkGHazexeEYJDLI2MEhbPJEzz7k/xrNYYKWcyGoQ	street_advisor	310117001	30	t	\N	2026-11-25 05:04:55.128844+00
01a21117-b162-7b7f-9ddf-91d7daf51916	street_manager-3	street_manager-3	$argon2id$v=19$m=1024,t=1,p=1$lJJWuREMpyA+riAUTOCJLw$vCtgkGHazexeEYJDLI2MEhbPJEzz7k/xrNYYKWcyGoQ	street_manager	310117001	30	t	\N	2026-11-25 05:04:55.13844+00
01a21117-b16b-7d0a-9dd0-ef46293b61d1	district_officer-4	district_officer-4	$argon2id$v=19$m=1024,t=1,p=1$lJJWuREMpyA+riAUTOCJLw$vCtgkGHazexeEYJDLI2MEhbPJEzz7k/xrNYYKWcyGoQ	district_officer	\N	30	t	\N	2026-11-25 05:04:55.147945+00
01a21117-b174-7447-9141-b09c1b397278	admin-5	admin-5	$argon2id$v=19$m=1024,t=1,p=1$lJJWuREMpyA+riAUTOCJLw$vCtgkGHazexeEYJDLI2MEhbPJEzz7k/xrNYYKWcyGoQ	admin	\N	30	t	\N	2026-11-25 05:04:55.156859+00
01a21117-b17f-7a7b-950f-0d964c17040e	auditor-6	auditor-6	$argon2id$v=19$m=1024,t=1,p=1$lJJWuREMpyA+riAUTOCJLw$vCtgkGHazexeEYJDLI2MEhbPJEzz7k/xrNYYKWcyGoQ	auditor	\N	30	t	\N	2026-11-25 05:04:55.167075+00
01a21117-b187-7635-9dfc-caf06af57eb5	street_advisor-7	street_advisor-7	$argon2id$v=19$m=1024,t=1,p=1$lJJWuREMpyA+riAUTOCJLw$vCtgkGHazexeEYJDLI2MEhbPJEzz7k/xrNYYKWcyGoQ	street_advisor	310117002	30	t	\N	2026-11-25 05:04:55.17561+00
\.


--
-- Data for Name: user_committee; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.user_committee (user_id, committee_code) FROM stdin;
01a21117-b141-79f5-b9bc-7c70591b059f	310117001001
01a21117-b150-7984-8273-4a5eb7a6f144	310117001001
\.


--
-- Data for Name: visit; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.visit (street_code, visit_id, service_date, mode, form, digest, answer, recorded_by, recorded_at, voided_at, void_reason) FROM stdin;
310117001	01a21117-b399-75d5-881e-e6a0eeaaf968	2026-03-20	home_visit	{"mode": "home_visit", "service_date": "2026-03-20"}	\\x031e5542bec9cda8e40d559de4df57b91c99969d0550e93a7478cf87e16d4618	{"raised": [{"why": "四（五）走访发现风险隐患，请跟踪回访", "kind": "follow_up", "lamp": "none", "tier": "general", "state": "open", "due_on": "2026-04-19", "duties": [{"kind": "follow_up", "modes": ["home_visit", "phone", "building_video", "wechat"], "state": "open", "due_on": "2026-04-19", "period": null}], "overdue": false, "task_id": "01a21117-b3c0-78e7-bb07-5c2022e22452", "assignee": {"name": "street_advisor-2", "user_id": "01a21117-b158-748a-b4d0-cd790fb6e749"}, "resident": {"name": "测*", "committee": "310117001001", "resident_id": "01a21117-b23a-7323-94ab-8b914a55307d", "committee_name": "龙潭社区居委会"}, "closed_at": null, "created_at": "2026-03-20T10:00:00+08:00", "planned_on": "2026-04-17", "updated_at": "2026-03-20T10:00:00+08:00", "provisional": false, "closed_because": null, "assigned_because": ["street_advisor"], "escalation_level": 0}], "credits": [{"duty": {"kind": "response", "due_on": "2026-04-03", "period": null}, "state": "met", "resident_id": "01a21117-b23a-7323-94ab-8b914a55307d"}], "visit_id": "01a21117-b399-75d5-881e-e6a0eeaaf968", "not_credited": []}	01a21117-b150-7984-8273-4a5eb7a6f144	2026-03-20 02:00:00+00	\N	\N
310117001	01a21117-b686-7881-a9df-1a3a4a8936e3	2026-04-02	home_visit	{"mode": "home_visit", "service_date": "2026-04-02"}	\\xe60c0b619f622d81315c3f6af39cbdfa2d04e0136cc44fa74ce40d24d4ea5e08	{"raised": [], "credits": [{"duty": {"kind": "response", "due_on": "2026-03-27", "period": null}, "state": "late", "resident_id": "01a21117-b26c-704b-bc4f-a2b12527cc1c"}, {"duty": {"kind": "periodic", "due_on": "2026-04-30", "period": "2026-04"}, "state": "met", "resident_id": "01a21117-b26c-704b-bc4f-a2b12527cc1c"}], "visit_id": "01a21117-b686-7881-a9df-1a3a4a8936e3", "not_credited": [{"duty": {"kind": "periodic", "due_on": "2026-03-31", "period": "2026-03"}, "because": "made_up", "resident_id": "01a21117-b26c-704b-bc4f-a2b12527cc1c"}]}	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-03 02:00:00+00	\N	\N
310117002	01a21117-b686-7881-a9df-1a3a4a8936e3	2026-04-02	home_visit	{"mode": "home_visit", "service_date": "2026-04-02"}	\\xe60c0b619f622d81315c3f6af39cbdfa2d04e0136cc44fa74ce40d24d4ea5e08	{"raised": [], "credits": [{"duty": {"kind": "response", "due_on": "2026-03-27", "period": null}, "state": "late", "resident_id": "01a21117-b26c-704b-bc4f-a2b12527cc1c"}, {"duty": {"kind": "periodic", "due_on": "2026-04-30", "period": "2026-04"}, "state": "met", "resident_id": "01a21117-b26c-704b-bc4f-a2b12527cc1c"}], "visit_id": "01a21117-b686-7881-a9df-1a3a4a8936e3", "not_credited": [{"duty": {"kind": "periodic", "due_on": "2026-03-31", "period": "2026-03"}, "because": "made_up", "resident_id": "01a21117-b26c-704b-bc4f-a2b12527cc1c"}]}	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-03 02:00:00+00	\N	\N
\.


--
-- Data for Name: visit_resident; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.visit_resident (street_code, visit_id, resident_id, service_date, mode, met, initiated_by, role, dimensions_done, visitor_id, entered_at, merged_into, approved_on, voided, carried) FROM stdin;
310117001	01a21117-b399-75d5-881e-e6a0eeaaf968	01a21117-b23a-7323-94ab-8b914a55307d	2026-03-20	home_visit	t	advisor	volunteer	t	01a21117-b150-7984-8273-4a5eb7a6f144	2026-03-20 02:00:00+00	\N	\N	f	f
310117002	01a21117-b686-7881-a9df-1a3a4a8936e3	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-02	home_visit	t	advisor	committee_advisor	f	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-03 02:00:00+00	\N	\N	f	t
310117001	01a21117-b686-7881-a9df-1a3a4a8936e3	01a21117-b26c-704b-bc4f-a2b12527cc1c	2026-04-02	home_visit	t	advisor	committee_advisor	f	01a21117-b141-79f5-b9bc-7c70591b059f	2026-04-03 02:00:00+00	\N	\N	f	f
\.


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: absence pk_absence; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.absence
    ADD CONSTRAINT pk_absence PRIMARY KEY (absence_id);


--
-- Name: alert pk_alert; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.alert
    ADD CONSTRAINT pk_alert PRIMARY KEY (street_code, alert_id);


--
-- Name: attempt pk_attempt; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT pk_attempt PRIMARY KEY (street_code, attempt_id);


--
-- Name: calendar_day pk_calendar_day; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.calendar_day
    ADD CONSTRAINT pk_calendar_day PRIMARY KEY (day);


--
-- Name: claim pk_claim; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.claim
    ADD CONSTRAINT pk_claim PRIMARY KEY (street_code, claim_id);


--
-- Name: committee pk_committee; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.committee
    ADD CONSTRAINT pk_committee PRIMARY KEY (code);


--
-- Name: coverage pk_coverage; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.coverage
    ADD CONSTRAINT pk_coverage PRIMARY KEY (street_code, version);


--
-- Name: credit pk_credit; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.credit
    ADD CONSTRAINT pk_credit PRIMARY KEY (street_code, visit_id, duty_id);


--
-- Name: daily_digest pk_daily_digest; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.daily_digest
    ADD CONSTRAINT pk_daily_digest PRIMARY KEY (street_code, user_id, digest_on);


--
-- Name: decision pk_decision; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.decision
    ADD CONSTRAINT pk_decision PRIMARY KEY (street_code, decision_id);


--
-- Name: delivery pk_delivery; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT pk_delivery PRIMARY KEY (street_code, delivery_id);


--
-- Name: directory pk_directory; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.directory
    ADD CONSTRAINT pk_directory PRIMARY KEY (person_key);


--
-- Name: duty pk_duty; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.duty
    ADD CONSTRAINT pk_duty PRIMARY KEY (street_code, duty_id);


--
-- Name: escalation pk_escalation; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.escalation
    ADD CONSTRAINT pk_escalation PRIMARY KEY (street_code, task_id, level);


--
-- Name: escalation_chain pk_escalation_chain; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.escalation_chain
    ADD CONSTRAINT pk_escalation_chain PRIMARY KEY (street_code, version);


--
-- Name: fact_entry pk_fact_entry; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.fact_entry
    ADD CONSTRAINT pk_fact_entry PRIMARY KEY (street_code, entry_id);


--
-- Name: feed pk_feed; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.feed
    ADD CONSTRAINT pk_feed PRIMARY KEY (source);


--
-- Name: feed_hour pk_feed_hour; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.feed_hour
    ADD CONSTRAINT pk_feed_hour PRIMARY KEY (source, hour_at);


--
-- Name: import_mapping pk_import_mapping; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.import_mapping
    ADD CONSTRAINT pk_import_mapping PRIMARY KEY (source, kind, signature);


--
-- Name: login pk_login; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.login
    ADD CONSTRAINT pk_login PRIMARY KEY (token_digest);


--
-- Name: notification pk_notification; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT pk_notification PRIMARY KEY (street_code, notification_id);


--
-- Name: notification_channel pk_notification_channel; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.notification_channel
    ADD CONSTRAINT pk_notification_channel PRIMARY KEY (user_id, channel_id);


--
-- Name: notification_preference pk_notification_preference; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.notification_preference
    ADD CONSTRAINT pk_notification_preference PRIMARY KEY (user_id);


--
-- Name: policy pk_policy; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.policy
    ADD CONSTRAINT pk_policy PRIMARY KEY (policy_id, version);


--
-- Name: receipt pk_receipt; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.receipt
    ADD CONSTRAINT pk_receipt PRIMARY KEY (source, event_id);


--
-- Name: recusal pk_recusal; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.recusal
    ADD CONSTRAINT pk_recusal PRIMARY KEY (user_id, resident_id);


--
-- Name: resident pk_resident; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.resident
    ADD CONSTRAINT pk_resident PRIMARY KEY (street_code, resident_id);


--
-- Name: sandbox_clock pk_sandbox_clock; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.sandbox_clock
    ADD CONSTRAINT pk_sandbox_clock PRIMARY KEY (id);


--
-- Name: seen_message pk_seen_message; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.seen_message
    ADD CONSTRAINT pk_seen_message PRIMARY KEY (source, message_id, sent_at);


--
-- Name: signed_source pk_signed_source; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.signed_source
    ADD CONSTRAINT pk_signed_source PRIMARY KEY (source);


--
-- Name: signing_secret pk_signing_secret; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.signing_secret
    ADD CONSTRAINT pk_signing_secret PRIMARY KEY (secret_id);


--
-- Name: street pk_street; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.street
    ADD CONSTRAINT pk_street PRIMARY KEY (code);


--
-- Name: task pk_task; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT pk_task PRIMARY KEY (street_code, task_id);


--
-- Name: task_event pk_task_event; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.task_event
    ADD CONSTRAINT pk_task_event PRIMARY KEY (street_code, event_id);


--
-- Name: upstream_key pk_upstream_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.upstream_key
    ADD CONSTRAINT pk_upstream_key PRIMARY KEY (key_id);


--
-- Name: user_account pk_user_account; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.user_account
    ADD CONSTRAINT pk_user_account PRIMARY KEY (user_id);


--
-- Name: user_committee pk_user_committee; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.user_committee
    ADD CONSTRAINT pk_user_committee PRIMARY KEY (user_id, committee_code);


--
-- Name: visit pk_visit; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT pk_visit PRIMARY KEY (street_code, visit_id);


--
-- Name: visit_resident pk_visit_resident; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.visit_resident
    ADD CONSTRAINT pk_visit_resident PRIMARY KEY (street_code, visit_id, resident_id);


--
-- Name: duty uq_duty_street_code_resident_id_kind_tier_occasion; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.duty
    ADD CONSTRAINT uq_duty_street_code_resident_id_kind_tier_occasion UNIQUE (street_code, resident_id, kind, tier, occasion);


--
-- Name: upstream_key uq_upstream_key_key_digest; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.upstream_key
    ADD CONSTRAINT uq_upstream_key_key_digest UNIQUE (key_digest);


--
-- Name: user_account uq_user_account_username; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.user_account
    ADD CONSTRAINT uq_user_account_username UNIQUE (username);


--
-- Name: ix_absence_user_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_absence_user_id ON public.absence USING btree (user_id);


--
-- Name: ix_alert_pending; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_alert_pending ON public.alert USING btree (street_code, resident_id, received_at) WHERE ((status)::text = 'accepted'::text);


--
-- Name: ix_alert_quarantined; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_alert_quarantined ON public.alert USING btree (street_code, person_key) WHERE ((status)::text = 'quarantined'::text);


--
-- Name: ix_alert_street_code_resident_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_alert_street_code_resident_id ON public.alert USING btree (street_code, resident_id);


--
-- Name: ix_alert_tried; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_alert_tried ON public.alert USING btree (street_code, received_at, alert_id) WHERE (((status)::text = 'accepted'::text) AND (attempts > 0));


--
-- Name: ix_attempt_street_code_resident_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_attempt_street_code_resident_id ON public.attempt USING btree (street_code, resident_id);


--
-- Name: ix_committee_street_code; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_committee_street_code ON public.committee USING btree (street_code);


--
-- Name: ix_decision_path; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX ix_decision_path ON public.decision USING btree (street_code, resident_id, from_on) WHERE (superseded_at IS NULL);


--
-- Name: ix_delivery_unsent; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_delivery_unsent ON public.delivery USING btree (street_code, state, next_try_at) WHERE ((state)::text <> 'sent'::text);


--
-- Name: ix_directory_resident_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_directory_resident_id ON public.directory USING btree (resident_id);


--
-- Name: ix_duty_closing; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_duty_closing ON public.duty USING btree (street_code, due_on) WHERE (((state)::text = 'open'::text) AND ((kind)::text = 'periodic'::text));


--
-- Name: ix_duty_open; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_duty_open ON public.duty USING btree (street_code, resident_id) WHERE (((state)::text = 'open'::text) OR (((state)::text = 'missed'::text) AND (made_up_on IS NULL)));


--
-- Name: ix_fact_entry_street_code_resident_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_fact_entry_street_code_resident_id ON public.fact_entry USING btree (street_code, resident_id);


--
-- Name: ix_login_user_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_login_user_id ON public.login USING btree (user_id);


--
-- Name: ix_notification_user_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_notification_user_id ON public.notification USING btree (street_code, user_id, created_at);


--
-- Name: ix_receipt_sequence; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_receipt_sequence ON public.receipt USING btree (source, sequence, alert_id) WHERE (sequence IS NOT NULL);


--
-- Name: ix_recusal_resident_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_recusal_resident_id ON public.recusal USING btree (resident_id);


--
-- Name: ix_resident_street_code_committee_code; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_resident_street_code_committee_code ON public.resident USING btree (street_code, committee_code, resident_id);


--
-- Name: ix_resident_wake_on; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_resident_wake_on ON public.resident USING btree (street_code, wake_on) WHERE ((wake_on IS NOT NULL) AND (moved_to IS NULL));


--
-- Name: ix_seen_message_sent_at; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_seen_message_sent_at ON public.seen_message USING btree (sent_at);


--
-- Name: ix_signing_secret_source; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_signing_secret_source ON public.signing_secret USING btree (source);


--
-- Name: ix_task_assignee; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_task_assignee ON public.task USING btree (street_code, assignee_id, state, due_on);


--
-- Name: ix_task_committee; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_task_committee ON public.task USING btree (street_code, committee_code, state, due_on);


--
-- Name: ix_task_event_street_code_task_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_task_event_street_code_task_id ON public.task_event USING btree (street_code, task_id);


--
-- Name: ix_task_step; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_task_step ON public.task USING btree (street_code, next_step_at) WHERE ((state)::text = 'open'::text);


--
-- Name: ix_upstream_key_source; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_upstream_key_source ON public.upstream_key USING btree (source);


--
-- Name: ix_user_account_street_code; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_user_account_street_code ON public.user_account USING btree (street_code);


--
-- Name: ix_user_committee_committee_code; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_user_committee_committee_code ON public.user_committee USING btree (committee_code);


--
-- Name: ix_visit_resident_street_code_resident_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_visit_resident_street_code_resident_id ON public.visit_resident USING btree (street_code, resident_id, service_date);


--
-- Name: ix_visit_street_code_service_date; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX ix_visit_street_code_service_date ON public.visit USING btree (street_code, service_date);


--
-- Name: uq_alert_street_code_source_event_id; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX uq_alert_street_code_source_event_id ON public.alert USING btree (street_code, source, event_id) WHERE ((status)::text <> 'conflict'::text);


--
-- Name: uq_delivery_channel; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX uq_delivery_channel ON public.delivery USING btree (street_code, notification_id, channel_id);


--
-- Name: uq_task_one_open_subject; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX uq_task_one_open_subject ON public.task USING btree (street_code, resident_id, kind, subject) WHERE (((state)::text = 'open'::text) AND ((kind)::text <> 'visit'::text));


--
-- Name: uq_task_one_open_visit; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX uq_task_one_open_visit ON public.task USING btree (street_code, resident_id) WHERE (((state)::text = 'open'::text) AND ((kind)::text = 'visit'::text));


--
-- Name: uq_visit_resident_day_mode; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX uq_visit_resident_day_mode ON public.visit_resident USING btree (street_code, resident_id, service_date, mode) WHERE ((merged_into IS NULL) AND (NOT voided));


--
-- Name: absence fk_absence_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.absence
    ADD CONSTRAINT fk_absence_user_id FOREIGN KEY (user_id) REFERENCES public.user_account(user_id);


--
-- Name: attempt fk_attempt_street_code_task_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT fk_attempt_street_code_task_id FOREIGN KEY (street_code, task_id) REFERENCES public.task(street_code, task_id);


--
-- Name: committee fk_committee_street_code; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.committee
    ADD CONSTRAINT fk_committee_street_code FOREIGN KEY (street_code) REFERENCES public.street(code);


--
-- Name: credit fk_credit_street_code_duty_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.credit
    ADD CONSTRAINT fk_credit_street_code_duty_id FOREIGN KEY (street_code, duty_id) REFERENCES public.duty(street_code, duty_id);


--
-- Name: credit fk_credit_street_code_visit_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.credit
    ADD CONSTRAINT fk_credit_street_code_visit_id FOREIGN KEY (street_code, visit_id) REFERENCES public.visit(street_code, visit_id);


--
-- Name: daily_digest fk_daily_digest_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.daily_digest
    ADD CONSTRAINT fk_daily_digest_user_id FOREIGN KEY (user_id) REFERENCES public.user_account(user_id);


--
-- Name: decision fk_decision_street_code_resident_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.decision
    ADD CONSTRAINT fk_decision_street_code_resident_id FOREIGN KEY (street_code, resident_id) REFERENCES public.resident(street_code, resident_id);


--
-- Name: delivery fk_delivery_street_code_notification_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT fk_delivery_street_code_notification_id FOREIGN KEY (street_code, notification_id) REFERENCES public.notification(street_code, notification_id);


--
-- Name: duty fk_duty_street_code_resident_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.duty
    ADD CONSTRAINT fk_duty_street_code_resident_id FOREIGN KEY (street_code, resident_id) REFERENCES public.resident(street_code, resident_id);


--
-- Name: escalation fk_escalation_street_code_task_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.escalation
    ADD CONSTRAINT fk_escalation_street_code_task_id FOREIGN KEY (street_code, task_id) REFERENCES public.task(street_code, task_id);


--
-- Name: fact_entry fk_fact_entry_street_code_resident_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.fact_entry
    ADD CONSTRAINT fk_fact_entry_street_code_resident_id FOREIGN KEY (street_code, resident_id) REFERENCES public.resident(street_code, resident_id);


--
-- Name: login fk_login_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.login
    ADD CONSTRAINT fk_login_user_id FOREIGN KEY (user_id) REFERENCES public.user_account(user_id);


--
-- Name: notification_channel fk_notification_channel_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.notification_channel
    ADD CONSTRAINT fk_notification_channel_user_id FOREIGN KEY (user_id) REFERENCES public.user_account(user_id);


--
-- Name: notification_preference fk_notification_preference_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.notification_preference
    ADD CONSTRAINT fk_notification_preference_user_id FOREIGN KEY (user_id) REFERENCES public.user_account(user_id);


--
-- Name: notification fk_notification_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.notification
    ADD CONSTRAINT fk_notification_user_id FOREIGN KEY (user_id) REFERENCES public.user_account(user_id);


--
-- Name: recusal fk_recusal_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.recusal
    ADD CONSTRAINT fk_recusal_user_id FOREIGN KEY (user_id) REFERENCES public.user_account(user_id);


--
-- Name: resident fk_resident_paired_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.resident
    ADD CONSTRAINT fk_resident_paired_user_id FOREIGN KEY (paired_user_id) REFERENCES public.user_account(user_id);


--
-- Name: signing_secret fk_signing_secret_source; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.signing_secret
    ADD CONSTRAINT fk_signing_secret_source FOREIGN KEY (source) REFERENCES public.signed_source(source);


--
-- Name: task fk_task_assignee_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_assignee_id FOREIGN KEY (assignee_id) REFERENCES public.user_account(user_id);


--
-- Name: task_event fk_task_event_street_code_task_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.task_event
    ADD CONSTRAINT fk_task_event_street_code_task_id FOREIGN KEY (street_code, task_id) REFERENCES public.task(street_code, task_id);


--
-- Name: task fk_task_street_code_resident_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.task
    ADD CONSTRAINT fk_task_street_code_resident_id FOREIGN KEY (street_code, resident_id) REFERENCES public.resident(street_code, resident_id);


--
-- Name: user_account fk_user_account_street_code; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.user_account
    ADD CONSTRAINT fk_user_account_street_code FOREIGN KEY (street_code) REFERENCES public.street(code);


--
-- Name: user_committee fk_user_committee_committee_code; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.user_committee
    ADD CONSTRAINT fk_user_committee_committee_code FOREIGN KEY (committee_code) REFERENCES public.committee(code);


--
-- Name: user_committee fk_user_committee_user_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.user_committee
    ADD CONSTRAINT fk_user_committee_user_id FOREIGN KEY (user_id) REFERENCES public.user_account(user_id);


--
-- Name: visit fk_visit_recorded_by; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT fk_visit_recorded_by FOREIGN KEY (recorded_by) REFERENCES public.user_account(user_id);


--
-- Name: visit_resident fk_visit_resident_street_code_resident_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.visit_resident
    ADD CONSTRAINT fk_visit_resident_street_code_resident_id FOREIGN KEY (street_code, resident_id) REFERENCES public.resident(street_code, resident_id);


--
-- Name: visit_resident fk_visit_resident_street_code_visit_id; Type: FK CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.visit_resident
    ADD CONSTRAINT fk_visit_resident_street_code_visit_id FOREIGN KEY (street_code, visit_id) REFERENCES public.visit(street_code, visit_id);


--
-- Name: alert; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.alert ENABLE ROW LEVEL SECURITY;

--
-- Name: attempt; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.attempt ENABLE ROW LEVEL SECURITY;

--
-- Name: claim; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.claim ENABLE ROW LEVEL SECURITY;

--
-- Name: coverage; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.coverage ENABLE ROW LEVEL SECURITY;

--
-- Name: credit; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.credit ENABLE ROW LEVEL SECURITY;

--
-- Name: daily_digest; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.daily_digest ENABLE ROW LEVEL SECURITY;

--
-- Name: decision; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.decision ENABLE ROW LEVEL SECURITY;

--
-- Name: delivery; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.delivery ENABLE ROW LEVEL SECURITY;

--
-- Name: directory; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.directory ENABLE ROW LEVEL SECURITY;

--
-- Name: duty; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.duty ENABLE ROW LEVEL SECURITY;

--
-- Name: escalation; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.escalation ENABLE ROW LEVEL SECURITY;

--
-- Name: escalation_chain; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.escalation_chain ENABLE ROW LEVEL SECURITY;

--
-- Name: fact_entry; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.fact_entry ENABLE ROW LEVEL SECURITY;

--
-- Name: notification; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.notification ENABLE ROW LEVEL SECURITY;

--
-- Name: receipt; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.receipt ENABLE ROW LEVEL SECURITY;

--
-- Name: resident; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.resident ENABLE ROW LEVEL SECURITY;

--
-- Name: alert scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.alert TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: attempt scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.attempt TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: claim scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.claim TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: coverage scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.coverage TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: credit scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.credit TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: daily_digest scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.daily_digest TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: decision scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.decision TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: delivery scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.delivery TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: directory scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.directory TO tanfang_app USING ((( SELECT current_setting('tanfang.directory'::text, true) AS current_setting) = 'on'::text)) WITH CHECK ((( SELECT current_setting('tanfang.directory'::text, true) AS current_setting) = 'on'::text));


--
-- Name: duty scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.duty TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: escalation scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.escalation TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: escalation_chain scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.escalation_chain TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: fact_entry scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.fact_entry TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: notification scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.notification TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: receipt scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.receipt TO tanfang_app USING ((( SELECT current_setting('tanfang.directory'::text, true) AS current_setting) = 'on'::text)) WITH CHECK ((( SELECT current_setting('tanfang.directory'::text, true) AS current_setting) = 'on'::text));


--
-- Name: resident scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.resident TO tanfang_app USING ((((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])) AND ((( SELECT current_setting('tanfang.committees'::text, true) AS current_setting) = '*'::text) OR ((committee_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.committees'::text, true), ','::text) AS string_to_array)::text[]))))) WITH CHECK ((((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])) AND ((( SELECT current_setting('tanfang.committees'::text, true) AS current_setting) = '*'::text) OR ((committee_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.committees'::text, true), ','::text) AS string_to_array)::text[])))));


--
-- Name: task scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.task TO tanfang_app USING ((((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])) AND ((( SELECT current_setting('tanfang.committees'::text, true) AS current_setting) = '*'::text) OR ((committee_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.committees'::text, true), ','::text) AS string_to_array)::text[]))))) WITH CHECK ((((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])) AND ((( SELECT current_setting('tanfang.committees'::text, true) AS current_setting) = '*'::text) OR ((committee_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.committees'::text, true), ','::text) AS string_to_array)::text[])))));


--
-- Name: task_event scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.task_event TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: visit scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.visit TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: visit_resident scope; Type: POLICY; Schema: public; Owner: postgres
--

CREATE POLICY scope ON public.visit_resident TO tanfang_app USING (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[]))) WITH CHECK (((street_code)::text = ANY (( SELECT string_to_array(current_setting('tanfang.streets'::text, true), ','::text) AS string_to_array)::text[])));


--
-- Name: task; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.task ENABLE ROW LEVEL SECURITY;

--
-- Name: task_event; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.task_event ENABLE ROW LEVEL SECURITY;

--
-- Name: visit; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.visit ENABLE ROW LEVEL SECURITY;

--
-- Name: visit_resident; Type: ROW SECURITY; Schema: public; Owner: postgres
--

ALTER TABLE public.visit_resident ENABLE ROW LEVEL SECURITY;

--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner
--

GRANT USAGE ON SCHEMA public TO tanfang_app;


--
-- Name: TABLE absence; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.absence TO tanfang_app;


--
-- Name: TABLE alembic_version; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.alembic_version TO tanfang_app;


--
-- Name: TABLE alert; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.alert TO tanfang_app;


--
-- Name: TABLE attempt; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.attempt TO tanfang_app;


--
-- Name: TABLE calendar_day; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calendar_day TO tanfang_app;


--
-- Name: TABLE claim; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.claim TO tanfang_app;


--
-- Name: TABLE committee; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.committee TO tanfang_app;


--
-- Name: TABLE coverage; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.coverage TO tanfang_app;


--
-- Name: TABLE credit; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.credit TO tanfang_app;


--
-- Name: TABLE daily_digest; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.daily_digest TO tanfang_app;


--
-- Name: TABLE decision; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.decision TO tanfang_app;


--
-- Name: TABLE delivery; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.delivery TO tanfang_app;


--
-- Name: TABLE directory; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.directory TO tanfang_app;


--
-- Name: TABLE duty; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.duty TO tanfang_app;


--
-- Name: TABLE escalation; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.escalation TO tanfang_app;


--
-- Name: TABLE escalation_chain; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.escalation_chain TO tanfang_app;


--
-- Name: TABLE fact_entry; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.fact_entry TO tanfang_app;


--
-- Name: TABLE feed; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.feed TO tanfang_app;


--
-- Name: TABLE feed_hour; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.feed_hour TO tanfang_app;


--
-- Name: TABLE import_mapping; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.import_mapping TO tanfang_app;


--
-- Name: TABLE login; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.login TO tanfang_app;


--
-- Name: TABLE notification; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification TO tanfang_app;


--
-- Name: TABLE notification_channel; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_channel TO tanfang_app;


--
-- Name: TABLE notification_preference; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_preference TO tanfang_app;


--
-- Name: TABLE policy; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.policy TO tanfang_app;


--
-- Name: TABLE receipt; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.receipt TO tanfang_app;


--
-- Name: TABLE recusal; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.recusal TO tanfang_app;


--
-- Name: TABLE resident; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.resident TO tanfang_app;


--
-- Name: TABLE sandbox_clock; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sandbox_clock TO tanfang_app;


--
-- Name: TABLE seen_message; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.seen_message TO tanfang_app;


--
-- Name: TABLE signed_source; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.signed_source TO tanfang_app;


--
-- Name: TABLE signing_secret; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.signing_secret TO tanfang_app;


--
-- Name: TABLE street; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.street TO tanfang_app;


--
-- Name: TABLE task; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task TO tanfang_app;


--
-- Name: TABLE task_event; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.task_event TO tanfang_app;


--
-- Name: TABLE upstream_key; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.upstream_key TO tanfang_app;


--
-- Name: TABLE user_account; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_account TO tanfang_app;


--
-- Name: TABLE user_committee; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.user_committee TO tanfang_app;


--
-- Name: TABLE visit; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit TO tanfang_app;


--
-- Name: TABLE visit_resident; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.visit_resident TO tanfang_app;


--
-- PostgreSQL database dump complete
--


