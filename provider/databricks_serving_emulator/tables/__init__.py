"""The tables of serving, and the SQL that reads them.

The one address of DuckDB and sqlglot: `reading` and `engine` are imported when a statement needs
them, for most workspaces never see one.
"""
