"""Who did what: access logs, flow logs, audit logs, and the buckets and log groups that hold them."""
