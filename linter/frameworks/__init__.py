"""How frameworks spell models, relations, eager loading, query execution, routes and tasks: one file each."""
