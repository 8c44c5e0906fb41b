"""Pages of subscriptions to changes 变更订阅."""
