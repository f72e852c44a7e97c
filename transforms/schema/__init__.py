"""What the resource type does not allow: properties, values, types."""
