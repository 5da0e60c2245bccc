#!/bin/bash
# The two roles of the product, in the database of docker-compose; run by the image on the first start.
# On a volume of an earlier version run it by hand: docker compose exec postgres bash /docker-entrypoint-initdb.d/roles.sh
# A second time it renews the passwords and changes nothing else.
set -euo pipefail
: "${TANFANG_OWNER_PASSWORD:?}" "${TANFANG_LOGIN_PASSWORD:?}"

psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --set database="$POSTGRES_DB" --set superuser="$POSTGRES_USER" \
  --set owner_password="$TANFANG_OWNER_PASSWORD" --set login_password="$TANFANG_LOGIN_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE %I', name) FROM (VALUES ('tanfang_owner'), ('tanfang_app')) AS wanted (name)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE tanfang_owner LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'owner_password';
ALTER ROLE tanfang_app LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  PASSWORD :'login_password';
-- Neither is, or has, a member: earlier versions took the product's role on.
SELECT format('REVOKE %I FROM %I', g.rolname, m.rolname) FROM pg_auth_members a
  JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
 WHERE 'tanfang_app' IN (g.rolname, m.rolname) OR 'tanfang_owner' IN (g.rolname, m.rolname) \gexec
ALTER DATABASE :"database" OWNER TO tanfang_owner;
REVOKE TEMPORARY ON DATABASE :"database" FROM PUBLIC;
SELECT format('ALTER TABLE public.%I OWNER TO tanfang_owner', relname) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
   AND relowner <> 'tanfang_owner'::regrole \gexec
SQL
