"""Table exports of FlowJo."""
