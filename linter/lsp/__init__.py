"""The language server: diagnostics, hover. Knows the linter, is handed the engine with the rules, never the advisor."""
