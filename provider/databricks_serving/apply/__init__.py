"""Do it: one module per kind of resource, all with check, diff, create, read, update, delete.

Everything a resource needs to live is here; an edge (Pulumi's dynamic providers today) only
translates.
"""
