"""A live database: what it holds, what it is asked, and which indexes would help. Reads only, never writes."""
