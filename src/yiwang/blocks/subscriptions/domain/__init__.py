"""What holds of changes, subscriptions and webhooks, without a database."""
