"""What declared tables ask in SQL: who acts, in which roles, under which purpose and case; numbers of records."""

from django.db import migrations

FUNCTIONS = """
CREATE SEQUENCE registry_record_number CACHE 50;
CREATE FUNCTION registry_told(what text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('yw.' || what, true), '')
$$;
CREATE FUNCTION registry_holds(wanted text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_to_array(current_setting('yw.system_roles', true), ','), '{}') && wanted
$$;
CREATE FUNCTION registry_purpose() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('yw.purpose', true), '')
$$;
CREATE FUNCTION registry_case() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('yw.case', true), '')
$$;
"""
UNDO = """
DROP FUNCTION registry_case();
DROP FUNCTION registry_purpose();
DROP FUNCTION registry_holds(text[]);
DROP FUNCTION registry_told(text);
DROP SEQUENCE registry_record_number;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
