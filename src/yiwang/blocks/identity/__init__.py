"""Who is acting: accounts, roles, second factors, client applications and their keys."""
