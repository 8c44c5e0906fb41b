"""What changes subscriptions: following sources, sending, and what people do."""
