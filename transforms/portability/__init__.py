"""What ties a template to one Region, account, partition or day."""
