"""What must be approved before it is used: versions, their authors and approvers."""
