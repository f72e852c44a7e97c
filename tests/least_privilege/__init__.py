"""What the roles of a template may do: a small evaluator of IAM policies, and functions that are known to make requests.

Written without a line of ``remediator``, so that it is a second opinion on the policies that come out of the fixes.
"""

from least_privilege.evaluator import Role, roles
from least_privilege.requests import Request

__all__ = ["Request", "Role", "roles"]
