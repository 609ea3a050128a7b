"""The ground the service stands on: its database, its migrations, its settings."""
