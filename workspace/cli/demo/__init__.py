"""A small demo city: people, bodies, files and cases in every state: a first look shows a house that is lived in."""
