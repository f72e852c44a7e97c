"""Resources and settings that an account has once, or that a deployment without people can't answer for."""
