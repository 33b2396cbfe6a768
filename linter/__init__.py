"""Source files in, findings out: facts, project, frameworks, engine and report writers."""
